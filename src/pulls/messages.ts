import type { Annotation, GitHubBody, Message } from '../model/message.ts'
import type { FleetPlan } from '../model/outcome.ts'
import type { StatusText } from '../report/status-text.ts'

/** Stands in branch protection: it never changes (surface.md, GitHub). */
const planContext = (install: string): string => `swarmkeeper/${install}/plan`

const message = (subject: string, body: GitHubBody): Message<GitHubBody> => ({
  sink: 'github',
  subject,
  body,
  final: true,
})

export function statusMessage(sha: string, install: string, { state, description }: StatusText): Message<GitHubBody> {
  const context = planContext(install)
  return message(`status:${sha}:${context}`, { type: 'status', sha, context, state, description })
}

export const commentMessage = (pull: number, markdown: string): Message<GitHubBody> =>
  message(`comment:${pull}`, { type: 'comment', pull, markdown })

export const answerMessage = (comment: number, pull: number, markdown: string): Message<GitHubBody> =>
  message(`answer:${comment}`, { type: 'answer', pull, markdown })

export interface Lines {
  readonly sha: string
  readonly install: string
  readonly plan: FleetPlan
  /** Paths that the pull request changes: what is wrong elsewhere is none of its lines. */
  readonly changed: ReadonlySet<string>
}

/** Annotations at what is wrong in changed files; without any, what was said before is taken back. */
export function annotationsMessage({ sha, install, plan, changed }: Lines): Message<GitHubBody> {
  const problems = plan.problems.filter(({ position }) => changed.has(position.path))
  const annotations = problems.map(({ severity, position, message: text }): Annotation => {
    return {
      path: position.path,
      line: position.line,
      level: severity === 'error' ? 'failure' : 'warning',
      message: text,
    }
  })
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const count = `${errors} of the ${problems.length} stop an app`
  return message(annotationsSubject(sha), {
    type: 'annotations',
    sha,
    name: `swarmkeeper/${install}/lines`,
    conclusion: errors > 0 ? 'failure' : 'success',
    summary: problems.length === 0 ? 'Nothing is wrong in the changed files.' : `${problems.length} found; ${count}.`,
    annotations,
  })
}

export const annotationsSubject = (sha: string): string => `annotations:${sha}`
