import type { CallOptions } from '../model/target.ts'
import type { GitHubClient } from './create-github.ts'
import { objectIn } from './reading.ts'

/** What a GitHub App needs, by GitHub's names; comments of pull requests are written with `pull_requests`. */
const NEEDED = { contents: 'read', statuses: 'write', pull_requests: 'write', checks: 'write' } as const

/** What the installation of the App was not granted: `statuses: write`. Without an App there is nothing to ask. */
export async function missingRights(
  { rest, reads }: Pick<GitHubClient, 'rest' | 'reads'>,
  options: CallOptions,
): Promise<readonly string[]> {
  const { installationId } = rest.login
  if (installationId === undefined) return []
  const { value: granted } = await reads.one(
    {
      operation: 'apps/get-installation',
      method: 'GET',
      url: '/app/installations/{installation_id}',
      params: { installation_id: installationId },
      asApp: true,
    },
    (installation) => objectIn(objectIn(installation).permissions, "'permissions'"),
    options,
  )
  return Object.entries(NEEDED)
    .filter(([name, level]) => granted[name] !== 'write' && granted[name] !== level)
    .map(([name, level]) => `${name}: ${level}`)
}
