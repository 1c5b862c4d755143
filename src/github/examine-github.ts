import type { AskOptions, DoctorFinding } from '../model/engine.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import { plural } from '../report/printable.ts'
import { missingRights } from './app-rights.ts'
import type { GitHubClient } from './create-github.ts'

const SUBJECT = 'GitHub'

/** Whether the login is known, may read what it plans, and may write what it says. Nothing is written. */
export async function examineGitHub(
  github: GitHubClient,
  of: { readonly branch: string; readonly hooks: boolean },
  { signal }: AskOptions,
): Promise<readonly DoctorFinding[]> {
  try {
    const login = await github.ownLogin({ signal })
    const pulls = await github.openPulls(of.branch, { signal })
    const { remaining } = github.rateLimit()
    const left = remaining === undefined ? '' : `, ${remaining} calls left of this hour`
    const message = `${login} reads ${plural(pulls.length, 'open pull request')}${left}`
    return [{ subject: SUBJECT, level: 'ok', message }, ...(await rightsOf(login, github, { signal })), hooksOf(of)]
  } catch (error) {
    signal.throwIfAborted()
    const todo = error instanceof ReconcileError ? { todo: error.todo } : {}
    return [{ subject: SUBJECT, level: 'error', message: messageOf(error), ...todo }]
  }
}

/** What an App may do stands in its installation; what the token of a user may do, in the user's permission. */
async function rightsOf(
  login: string,
  github: GitHubClient,
  { signal }: Pick<AskOptions, 'signal'>,
): Promise<readonly DoctorFinding[]> {
  if (github.annotates) return appRights(await missingRights(github, { signal }))
  const permission = await github.permissionOf(login, { signal })
  if (permission === 'admin' || permission === 'write') return []
  const message = `${login} has the permission '${permission}' on the repository, and cannot write statuses`
  const todo = 'give it write permission, or a fine-grained token with commit statuses and pull requests'
  return [{ subject: SUBJECT, level: 'error', message, todo }]
}

function appRights(missing: readonly string[]): readonly DoctorFinding[] {
  if (missing.length === 0) return []
  const message = `the installation of the App was not granted ${missing.join(', ')}`
  const todo = 'grant it in the settings of the App, and accept that on its installation'
  return [{ subject: SUBJECT, level: 'error', message, todo }]
}

const hooksOf = ({ hooks }: { readonly hooks: boolean }): DoctorFinding =>
  hooks
    ? { subject: 'webhooks', level: 'ok', message: 'taken at POST /webhooks/github, where GitHub can reach it' }
    : { subject: 'webhooks', level: 'ok', message: 'none are taken: polling finds everything, a little later' }
