import type { Effect, FieldDiff } from '../../model/live.ts'
import { compareUnit } from './compare.ts'
import type { UnitLive, UnitSpec } from './spec.ts'

const FOLDER = '/etc/systemd/system'

/** What to do on the host, in this order; files first, then one daemon-reload for all units, then the words. */
export interface UnitWrite {
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly removed: readonly string[]
  readonly daemonReload: boolean
  /** Arguments of `systemctl`, each a list of words. */
  readonly systemctl: readonly (readonly string[])[]
}

/** `live` undefined: the host knows nothing of it. */
export function unitToWire(spec: UnitSpec, live: UnitLive | undefined): UnitWrite {
  const diffs = compareUnit(spec, live ?? nothing(spec.name))
  const files = Object.entries({
    ...(spec.file === undefined ? {} : { [`${FOLDER}/${spec.name}`]: spec.file }),
    ...Object.fromEntries(Object.entries(spec.dropIns).map(([name, text]) => [pathOf(spec, name), text])),
  }).map(([path, text]) => ({ path, text }))
  const removed = (live?.owns ?? []).filter((name) => !(name in spec.dropIns)).map((name) => pathOf(spec, name))
  const isFile = ({ path }: FieldDiff) => path === '/file' || path.startsWith('/dropIns/') || path === '/daemonReload'
  return {
    files: diffs.some(isFile) ? files : [],
    removed,
    daemonReload: diffs.some(isFile),
    systemctl: [...enabling(spec, diffs), ...running(spec, diffs)].map((words) => [...words, '--', spec.name]),
  }
}

const pathOf = ({ name }: UnitSpec, dropIn: string): string => `${FOLDER}/${name}.d/${dropIn}`

const nothing = (name: string): UnitLive => ({
  name,
  load: 'not-found',
  dropIns: {},
  owns: [],
  enabled: '',
  active: 'inactive',
  needsReload: false,
})

type Words = readonly string[]

/** `reenable`, since [Install] may have changed with the file. */
function enabling(spec: UnitSpec, diffs: readonly FieldDiff[]): readonly Words[] {
  const masked = diffs.find(({ path }) => path === '/masked')
  if (masked) return [[spec.masked ? 'mask' : 'unmask'], ...(spec.enabled ? [['reenable']] : [])]
  const changed = diffs.some(({ path }) => path === '/enabled' || path === '/file' || path.startsWith('/dropIns/'))
  if (!changed || spec.enabled === undefined) return []
  return [[spec.enabled ? 'reenable' : 'disable']]
}

function running({ state }: UnitSpec, diffs: readonly FieldDiff[]): readonly Words[] {
  const changed = diffs.some(({ path }) => path === '/state')
  if (changed) return [[state === 'stopped' ? 'stop' : 'start']]
  const effects = new Set<Effect>(diffs.map(({ effect }) => effect))
  return effects.has('restart') ? [['restart']] : effects.has('reload') ? [['reload']] : []
}
