import type { GitHubBody, Message } from '../model/message.ts'
import { appStatus, revisionStatus, type StatusText, skippedStatus } from '../report/status-text.ts'
import type { KeptReport } from './settle-reports.ts'

/** With more apps than this, the status over all of them is the only one. */
const MOST_CONTEXTS = 10

type Status = Extract<GitHubBody, { type: 'status' }>

/** Names that stand in branch protection: they never change (surface.md, GitHub). */
const applyContext = (install: string): string => `swarmkeeper/${install}/apply`

/** Every status that a revision has now, and, once nothing about it changes any more, those of the commits it skipped. */
export function statusesOf(report: KeptReport, install: string): readonly Message<Status>[] {
  const { revision: sha, apps, skipped, final } = report
  const context = applyContext(install)
  const names = Object.keys(apps)
  const each = names.length > MOST_CONTEXTS ? [] : Object.entries(apps)
  return [
    statusMessage({ sha, context, ...revisionStatus(report) }),
    ...each.map(([app, known]) =>
      statusMessage({ sha, context: `${context}/${app}`, ...appStatus(known, report.taken?.[app]) }),
    ),
    ...(final ? skipped.map((commit) => statusMessage({ sha: commit, context, ...skippedStatus(report) })) : []),
  ]
}

function statusMessage(of: StatusText & { readonly sha: string; readonly context: string }): Message<Status> {
  const { sha, context, state, description } = of
  const body: Status = { type: 'status', sha, context, state, description }
  return { sink: 'github', subject: `status:${sha}:${context}`, body, final: state !== 'pending' }
}

/** What differs from what was said last, and what was said last from then on. */
export function newsOf(
  messages: readonly Message<Status>[],
  told: Readonly<Record<string, string>>,
): { readonly messages: readonly Message<Status>[]; readonly told: Readonly<Record<string, string>> } {
  const words = messages.map(({ subject, body }) => [subject, `${body.state} ${body.description}`] as const)
  const news = messages.filter(({ subject }, index) => told[subject] !== words[index]?.[1])
  return { messages: news, told: { ...told, ...Object.fromEntries(words) } }
}
