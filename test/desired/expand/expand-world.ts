import { createHmac } from 'node:crypto'
import type { NormalizeCheck } from '../../../src/desired/expand/checks.ts'
import { expandDesired } from '../../../src/desired/expand/expand.ts'
import type { Desired, DesiredApp } from '../../../src/model/desired.ts'
import { NormalizeProblem } from '../../../src/model/kind.ts'
import { formatProblem } from '../../../src/model/problem.ts'
import type { Wanted } from '../../../src/model/resource.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import { type Repository, repo } from '../../support/repository.ts'
import { smallKinds } from './small-kinds.ts'

const tcpCheck: NormalizeCheck = (written, { name, pointer }) => {
  const tcp = (written as { tcp?: { host: string; port: number } }).tcp
  if (!tcp) throw new NormalizeProblem(`${pointer}/tcp`, 'only tcp here')
  return { name, probe: { type: 'tcp', ...tcp }, timeoutMs: 1000, withinMs: 0, everyMs: 0 }
}

export function mac(parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac('sha256', 'key')
  for (const part of parts) hmac.update(part).update('\0')
  return hmac.digest('hex')
}

export function expandRepository({ documents, files }: Repository): Desired {
  const settings = new Map([['DB_PASSWORD', new Sensitive('hunter2')]])
  return expandDesired({
    documents,
    files,
    kinds: smallKinds,
    normalizeCheck: tcpCheck,
    mac,
    settingsSecret: (name) => settings.get(name),
  })
}

export const expand = (files: Readonly<Record<string, string>>): Desired => expandRepository(repo(files))

export const problemsOf = (desired: Desired): readonly string[] => desired.problems.map(formatProblem)

export function appOf(desired: Desired, name: string): DesiredApp {
  const app = desired.apps.get(name)
  if (!app) throw new Error(`no app ${name} among ${[...desired.apps.keys()]}`)
  return app
}

export function wantedOf(desired: Desired, id: string): Wanted {
  const all = [...desired.apps.values()].flatMap((app) => app.wanted)
  const wanted = all.find((resource) => resource.id === id)
  if (!wanted) throw new Error(`no ${id} among ${all.map((resource) => resource.id)}; ${problemsOf(desired)}`)
  return wanted
}

export const service = (name: string, rest = ''): string => `kind: Service\nname: ${name}\nimage: ${name}:1\n${rest}`
