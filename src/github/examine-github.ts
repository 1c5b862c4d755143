import type { AskOptions, DoctorFinding } from '../model/engine.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { GitHub } from '../model/github.ts'

const SUBJECT = 'GitHub'

/** Whether the login is known, may read what it plans, and may write what it says. Nothing is written. */
export async function examineGitHub(
  github: GitHub,
  of: { readonly branch: string; readonly hooks: boolean },
  { signal }: AskOptions,
): Promise<readonly DoctorFinding[]> {
  try {
    const login = await github.ownLogin({ signal })
    const pulls = await github.openPulls(of.branch, { signal })
    const { remaining } = github.rateLimit()
    const left = remaining === undefined ? '' : `, ${remaining} calls left of this hour`
    const message = `${login} reads ${pulls.length} open pull requests${left}`
    return [{ subject: SUBJECT, level: 'ok', message }, ...(await rightsOf(login, github, { signal })), hooksOf(of)]
  } catch (error) {
    signal.throwIfAborted()
    const todo = error instanceof ReconcileError ? { todo: error.todo } : {}
    return [{ subject: SUBJECT, level: 'error', message: messageOf(error), ...todo }]
  }
}

/** What an App may do stands in its installation, which it cannot ask about itself. */
async function rightsOf(
  login: string,
  github: GitHub,
  { signal }: Pick<AskOptions, 'signal'>,
): Promise<readonly DoctorFinding[]> {
  if (github.annotates) return []
  const permission = await github.permissionOf(login, { signal })
  if (permission === 'admin' || permission === 'write') return []
  const message = `${login} has the permission '${permission}' on the repository, and cannot write statuses`
  const todo = 'give it write permission, or a fine-grained token with commit statuses and pull requests'
  return [{ subject: SUBJECT, level: 'error', message, todo }]
}

const hooksOf = ({ hooks }: { readonly hooks: boolean }): DoctorFinding =>
  hooks
    ? { subject: 'webhooks', level: 'ok', message: 'taken at POST /webhooks/github, where GitHub can reach it' }
    : { subject: 'webhooks', level: 'ok', message: 'none are taken: polling finds everything, a little later' }
