import type { Kind } from '../../model/kind.ts'
import type { Unit } from '../../model/written/unit.ts'
import { footingOfText } from '../footing.ts'
import { fileHeld } from '../host-path.ts'
import { compareUnit } from './compare.ts'
import { normalizeUnit } from './normalize.ts'
import type { UnitLive, UnitSpec } from './spec.ts'

export const unitKind: Kind<Unit, UnitSpec, UnitLive> = {
  name: 'Unit',
  rank: 40,
  normalize: normalizeUnit,
  compare: compareUnit,
  asApplied: unitAsApplied,
  // A template has no state to rest in.
  suspend: (spec) => (spec.state === undefined ? undefined : { ...spec, state: 'stopped' }),
  stampless: true,
  footing: ({ file = '', dropIns }) => footingOfText(file, ...Object.values(dropIns)),
  holds: filesOf,
  trigger: (spec, name, token) => ({ ...spec, triggers: { ...spec.triggers, [name]: token } }),
}

const FOLDER = '/etc/systemd/system'

function filesOf({ name, file, dropIns, masked }: UnitSpec): readonly string[] {
  const own = file === undefined && !masked ? [] : [name]
  return [...own, ...Object.keys(dropIns).map((conf) => `${name}.d/${conf}`)].map((path) =>
    fileHeld(`${FOLDER}/${path}`),
  )
}

function unitAsApplied({ enabled, masked, state, reloadOn: _, ...spec }: UnitSpec): UnitLive {
  return {
    ...spec,
    load: masked ? 'masked' : 'loaded',
    owns: Object.keys(spec.dropIns),
    enabled: masked ? 'masked' : enabled ? 'enabled' : 'disabled',
    active: state === 'running' ? 'active' : 'inactive',
    needsReload: false,
  }
}
