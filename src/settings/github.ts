import type { Settings as WrittenSettings } from '../model/written/settings.ts'
import type { DaemonContext } from './daemon.ts'
import { duration } from './duration.ts'
import type { GitHubSettings } from './settings.ts'

type Written = NonNullable<WrittenSettings['github']>

export function buildGitHub(written: Written, url: string, context: DaemonContext): GitHubSettings | undefined {
  const { secret, report } = context
  const login = buildLogin(written, context)
  const [owner, repo] = (written.repository ?? repositoryIn(url) ?? '').split('/')
  if (!owner || !repo) {
    report('error', {
      pointer: '/github',
      message: 'which repository of GitHub it is cannot be told from its URL: add `repository: owner/name`',
    })
  }
  const secrets = [
    written.webhookSecret && secret(written.webhookSecret, '/github/webhookSecret')?.value,
    written.webhookSecretBefore && secret(written.webhookSecretBefore, '/github/webhookSecretBefore')?.value,
  ]
  const pollIntervalMs = duration(written.pollInterval ?? '60s', {
    pointer: '/github/pollInterval',
    least: 1000,
    report,
  })
  if (!login || !owner || !repo) return undefined
  const apiUrl = (written.apiUrl ?? 'https://api.github.com').replace(/\/+$/, '')
  return { apiUrl, owner, repo, login, webhookSecrets: secrets.flatMap((one) => one ?? []), pollIntervalMs }
}

/** The schema has seen to it that there is one of both. */
function buildLogin(written: Written, { secret }: DaemonContext): GitHubSettings['login'] | undefined {
  if (written.token) {
    const token = secret(written.token, '/github/token')?.value
    return token && { token }
  }
  const { appId, installationId } = written
  const privateKey = written.privateKey && secret(written.privateKey, '/github/privateKey')?.value
  if (appId === undefined || installationId === undefined || !privateKey) return undefined
  return { appId, installationId, privateKey }
}

/** `https://github.example/owner/name.git`, `git@github.example:owner/name.git` */
function repositoryIn(url: string): string | undefined {
  return /[/:]([A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+?)(?:\.git)?\/?$/.exec(url)?.[1]
}
