import { createHash } from 'node:crypto'
import type { FileSpec } from '../../../src/kinds/file/spec.ts'
import { programOf } from '../../../src/kinds/unit/program.ts'
import type { UnitSpec } from '../../../src/kinds/unit/spec.ts'
import { digestOf } from '../../../src/model/digest.ts'
import { makeId } from '../../../src/model/id.ts'
import { defaultHandling, type Wanted } from '../../../src/model/resource.ts'

export const HOST = 'host'

export function wantedOf<S extends object>(kind: string, name: string, spec: S, app = 'web'): Wanted<S> {
  return {
    id: makeId({ target: HOST, kind, name }),
    kind,
    spec,
    digest: digestOf(spec),
    app,
    after: [],
    handling: defaultHandling,
    origin: { path: 'hosts.yaml', line: 1, column: 1 },
  }
}

export const fileSha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export function fileOf(path: string, text: string, more: Partial<FileSpec> = {}): FileSpec {
  const bytes = Buffer.from(text)
  const content = { base64: bytes.toString('base64'), sha256: fileSha256(text) }
  return { path, owner: 'root', group: 'root', mode: '0644', symlinks: 'refuse', content, ...more }
}

export function unitOf(name: string, file: string, more: Partial<UnitSpec> = {}): UnitSpec {
  const dropIns = more.dropIns ?? {}
  const program = programOf({ file, dropIns }, 'service')
  return { name, file, dropIns, masked: false, state: 'running', program, triggers: {}, reloadOn: [], ...more }
}

export const service = (...lines: readonly string[]): string =>
  ['[Unit]', 'Description=a test', '[Service]', ...lines, ''].join('\n')
