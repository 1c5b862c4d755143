import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../src/model/digest.ts'
import { makeId } from '../../../src/model/id.ts'
import { keyOf } from '../../../src/targets/host/entry.ts'
import type { HostFacts } from '../../../src/targets/host/facts.ts'
import { observedOf } from '../../../src/targets/host/look.ts'
import { DEFAULT_SUPERVISOR } from '../../../src/targets/host/supervisord/reach.ts'
import { HOST } from './things.ts'

const facts = (units: HostFacts['units'], paths: HostFacts['paths'] = new Map()): HostFacts => ({
  uid: 0,
  machineId: '',
  osRelease: '',
  cgroup: '',
  disk: '',
  memory: '',
  paths,
  crossings: new Map(),
  units,
  users: new Map(),
  groups: new Map(),
  owned: new Map(),
  records: new Map(),
})
interface Besides {
  readonly file?: string
  readonly owned?: boolean
}
const unitSeen = (name: string, show: Readonly<Record<string, string>>, { file, owned = false }: Besides = {}) => {
  const stat = { type: 'regular file', owner: 'root', uid: '0', group: 'root', gid: '0', mode: '644' }
  const base64 = file === undefined ? undefined : Buffer.from(file).toString('base64')
  const path = `/etc/systemd/system/${name}`
  const paths: HostFacts['paths'] = new Map(base64 === undefined ? [] : [[path, { stat, changed: 1, base64 }]])
  const id = makeId({ target: HOST, kind: 'Unit', name })
  const entry = { kind: 'Unit', name, app: 'web', digest: digestOf(''), install: 'ours', sha256: '' }
  const seen = { ...facts(new Map([[name, show]]), paths), owned: new Map(owned ? [[keyOf(id), [entry]]] : []) }
  return observedOf({ id }, { install: 'ours', record: undefined, supervisor: DEFAULT_SUPERVISOR, facts: seen }).state
}

describe('a unit', () => {
  const loaded = { LoadState: 'loaded', ActiveState: 'inactive' }

  it('is absent where systemd finds none', () => {
    expect(unitSeen('app.service', { LoadState: 'not-found' })).toBe('absent')
    expect(unitSeen('app.service', loaded)).toBe('present')
  })

  it('is absent as a slice that systemd only makes up, since somebody asks', () => {
    expect(unitSeen('app.slice', { ...loaded, UnitFileState: '' })).toBe('absent')
    expect(unitSeen('app.slice', { ...loaded, UnitFileState: 'static' })).toBe('present')
    expect(unitSeen('app.slice', loaded, { file: '[Slice]\n' })).toBe('present')
    expect(unitSeen('app.slice', loaded, { owned: true })).toBe('present')
  })

  it('is absent as an instance of a template as long as nobody uses it', () => {
    const instance = (show: Readonly<Record<string, string>>, besides?: Besides) =>
      unitSeen('app@one.service', { ...loaded, UnitFileState: 'disabled', ...show }, besides)
    expect(instance({})).toBe('absent')
    expect(instance({ UnitFileState: 'static' })).toBe('absent')
    expect(instance({ UnitFileState: 'enabled' })).toBe('present')
    expect(instance({ ActiveState: 'active' })).toBe('present')
    expect(instance({ ActiveState: 'failed' })).toBe('present')
    expect(instance({}, { owned: true })).toBe('present')
  })
})
