import type { Kind } from '../../model/kind.ts'
import type { Program } from '../../model/written/program.ts'
import { footingOfText } from '../footing.ts'
import { compareProgram } from './compare.ts'
import { normalizeProgram } from './normalize.ts'
import type { LiveGroup, ProgramGroup, ProgramLive, ProgramSpec } from './spec.ts'
import { Ini } from './supervisord/ini.ts'

export const programKind: Kind<Program, ProgramSpec, ProgramLive> = {
  name: 'Program',
  rank: 40,
  normalize: normalizeProgram,
  compare: compareProgram,
  asApplied: ({ groups, ...spec }) => ({ ...spec, groups: mapped(groups, asApplied), owns: Object.keys(groups) }),
  suspend: (spec) => ({ ...spec, groups: mapped(spec.groups, stopped) }),
  stampless: true,
  footing: ({ file }) => footingOfText(file),
  holds: heldBy,
  trigger: (spec, name, token) => ({ ...spec, triggers: { ...spec.triggers, [name]: token } }),
}

const mapped = <A, B>(values: Readonly<Record<string, A>>, change: (value: A) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))

const stopped = (group: ProgramGroup): ProgramGroup => ({
  ...group,
  processes: mapped(group.processes, () => 'stopped' as const),
})

const asApplied = ({ config, processes }: ProgramGroup): LiveGroup => ({
  config,
  pending: false,
  processes: mapped(processes, (wanted) => (wanted === 'stopped' || wanted === 'any' ? 'STOPPED' : 'RUNNING')),
})

/**
 * supervisord reads its files as one: sections of the same name become one section, and of groups of the same name one is
 * lost (supervisor options.py). Neither says so.
 */
function heldBy({ name, file, groups }: ProgramSpec): readonly string[] {
  const ini = new Ini()
  ini.read(file, `${name}.conf`)
  const sections = [...ini.sections.keys()].filter((section) => section.includes(':')).map((section) => `[${section}]`)
  return [...sections, ...Object.keys(groups).map((group) => `the group '${group}' of supervisord`)]
}
