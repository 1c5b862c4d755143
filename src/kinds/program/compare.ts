import type { FieldDiff } from '../../model/live.ts'
import { isAsked } from '../asked-trigger.ts'
import { diffValues, pointerSegment } from '../field-diff.ts'
import type { LiveGroup, ProgramGroup, ProgramLive, ProgramSpec, WantedState } from './spec.ts'

/**
 * The file restarts nothing, its groups do: one that runs with another configuration is taken out and added again, for
 * supervisord changes nothing in place. To start what is down restarts nothing.
 */
export function compareProgram(spec: ProgramSpec, live: ProgramLive): readonly FieldDiff[] {
  const file = diffValues('/file', live.file, spec.file).map((diff) => ({ ...diff, effect: 'none' as const }))
  const declared = Object.entries(spec.groups).flatMap(([name, group]) => compareGroup(name, group, live))
  const gone = live.owns
    .filter((name) => !Object.hasOwn(spec.groups, name) && live.groups[name] !== undefined)
    .map((name) => ({ path: pathOf(name), from: live.groups[name]?.config, to: undefined, effect: 'restart' as const }))
  return [...file, ...declared, ...gone, ...compareTriggers(spec, live)]
}

const pathOf = (group: string): string => `/groups/${pointerSegment(group)}`

function compareGroup(name: string, spec: ProgramGroup, live: ProgramLive): readonly FieldDiff[] {
  const group = live.groups[name]
  const path = pathOf(name)
  if (!group) return [{ path, from: undefined, to: spec.config, effect: 'none' }]
  if (group.config !== undefined && group.config !== spec.config) {
    return [{ path, from: group.config, to: spec.config, effect: 'restart' }]
  }
  if (group.pending) return [{ path, from: 'another configuration', to: spec.config, effect: 'restart' }]
  return Object.entries(spec.processes).flatMap(([process, wanted]) => {
    const state = group.processes[process]
    if (isAs(wanted, state)) return []
    const to = wanted === 'stopped' ? 'STOPPED' : 'RUNNING'
    const effect = wanted === 'stopped' ? ('restart' as const) : ('none' as const)
    return [{ path: `${path}/processes/${pointerSegment(process)}`, from: state, to, effect }]
  })
}

const UP = ['STARTING', 'RUNNING']
const STATES: Readonly<Record<Exclude<WantedState, 'any'>, readonly string[]>> = {
  running: UP,
  started: [...UP, 'EXITED'],
  stopped: ['STOPPED', 'STOPPING', 'EXITED', 'FATAL'],
}

const isAs = (wanted: WantedState, state: string | undefined): boolean =>
  wanted === 'any' || (state !== undefined && STATES[wanted].includes(state))

const isUp = ({ processes }: LiveGroup): boolean => Object.values(processes).some((state) => UP.includes(state))

const isToRun = ({ processes }: ProgramGroup): boolean =>
  Object.values(processes).some((wanted) => wanted === 'running' || wanted === 'started')

/** Only of what runs: what is down starts with everything as it is, or when a person asks. */
function compareTriggers(spec: ProgramSpec, live: ProgramLive): readonly FieldDiff[] {
  const had = live.triggers
  const runs = Object.entries(live.groups).some(([name, group]) => Object.hasOwn(spec.groups, name) && isUp(group))
  const mayRun = Object.values(spec.groups).some(isToRun)
  if (had === undefined) return []
  return Object.keys(spec.triggers)
    .filter((address) => had[address] !== spec.triggers[address] && (runs || (mayRun && isAsked(address))))
    .sort()
    .map((address) => ({
      path: `/triggers/${pointerSegment(address)}`,
      from: had[address],
      to: spec.triggers[address],
      effect: 'restart',
    }))
}
