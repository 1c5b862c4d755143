import type { Kind } from '../../model/kind.ts'
import type { Program } from '../../model/written/program.ts'
import { compareProgram } from './compare.ts'
import { normalizeProgram } from './normalize.ts'
import type { LiveGroup, ProgramGroup, ProgramLive, ProgramSpec } from './spec.ts'

export const programKind: Kind<Program, ProgramSpec, ProgramLive> = {
  name: 'Program',
  rank: 40,
  normalize: normalizeProgram,
  compare: compareProgram,
  asApplied: ({ groups, ...spec }) => ({ ...spec, groups: mapped(groups, asApplied), owns: Object.keys(groups) }),
  suspend: (spec) => ({ ...spec, groups: mapped(spec.groups, stopped) }),
  stampless: true,
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
