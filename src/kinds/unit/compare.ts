import type { Effect, FieldDiff } from '../../model/live.ts'
import { isAsked } from '../asked-trigger.ts'
import { diffValues, pointerSegment, type ValueDiff } from '../field-diff.ts'
import type { UnitLive, UnitSpec } from './spec.ts'
import { isTemplate, parseUnitName } from './unit-name.ts'

const as = (effect: Effect, diffs: readonly ValueDiff[]): readonly FieldDiff[] =>
  diffs.map((diff) => ({ ...diff, effect }))

/**
 * Files, enabling and daemon-reload change nothing that runs; what does is `/program`, `/triggers` and `/state`. To start
 * what is down restarts nothing, to stop what runs does.
 */
export function compareUnit(spec: UnitSpec, live: UnitLive): readonly FieldDiff[] {
  return [
    ...as('none', [...compareFiles(spec, live), ...compareEnabled(spec, live)]),
    ...(live.needsReload ? [{ path: '/daemonReload', from: 'needed', to: 'done', effect: 'none' as const }] : []),
    ...compareState(spec, live),
    ...(spec.state !== 'stopped' && isUp(live) ? compareProgram(spec, live) : []),
    ...compareTriggers(spec, live),
  ]
}

function compareFiles(spec: UnitSpec, live: UnitLive): readonly ValueDiff[] {
  const declared = Object.keys(spec.dropIns)
  const names = [...new Set([...declared, ...live.owns.filter((name) => live.dropIns[name] !== undefined)])].sort()
  return [
    ...(spec.file === undefined ? [] : diffValues('/file', live.file, spec.file)),
    ...names.flatMap((name) => diffValues(`/dropIns/${pointerSegment(name)}`, live.dropIns[name], spec.dropIns[name])),
  ]
}

const ENABLED = new Set(['enabled', 'alias', 'linked'])

function compareEnabled(spec: UnitSpec, live: UnitLive): readonly ValueDiff[] {
  const masked = live.enabled === 'masked'
  if (spec.masked || masked) return diffValues('/masked', masked, spec.masked)
  if (spec.enabled === undefined || ENABLED.has(live.enabled) === spec.enabled) return []
  return [{ path: '/enabled', from: live.enabled === '' ? undefined : live.enabled, to: spec.enabled }]
}

const isUp = ({ active }: UnitLive): boolean => ['active', 'reloading', 'activating'].includes(active)

function compareState({ state }: UnitSpec, live: UnitLive): readonly FieldDiff[] {
  if (state === undefined || isUp(live) === (state === 'running')) return []
  return [{ path: '/state', from: live.active, to: state, effect: state === 'stopped' ? 'restart' : 'none' }]
}

/** Only of what is declared, and of drop-ins that were ours. */
function compareProgram(spec: UnitSpec, live: UnitLive): readonly FieldDiff[] {
  const had = live.program
  if (had === undefined) return [{ path: '/program', from: 'what is not known', to: 'its files', effect: 'restart' }]
  const names = new Set([...Object.keys(spec.program.dropIns), ...live.owns.filter((name) => name in had.dropIns)])
  return as('restart', [
    ...(spec.program.file === undefined ? [] : diffValues('/program/file', had.file, spec.program.file)),
    ...[...names]
      .sort()
      .flatMap((name) =>
        diffValues(`/program/dropIns/${pointerSegment(name)}`, had.dropIns[name], spec.program.dropIns[name]),
      ),
  ])
}

/** A trigger that only live has is no difference, as for services. What was never started by us owes nothing. */
function compareTriggers(spec: UnitSpec, live: UnitLive): readonly FieldDiff[] {
  const had = live.triggers
  if (had === undefined || spec.state === 'stopped' || isTemplate(parseUnitName(spec.name))) return []
  return Object.keys(spec.triggers)
    .filter((address) => had[address] !== spec.triggers[address] && (isUp(live) || isAsked(address)))
    .sort()
    .map((address) => ({
      path: `/triggers/${pointerSegment(address)}`,
      from: had[address],
      to: spec.triggers[address],
      effect: reloadsFor(spec, address) ? 'reload' : 'restart',
    }))
}

const reloadsFor = ({ reloadOn }: UnitSpec, address: string): boolean =>
  reloadOn.some((written) => address === written || address.endsWith(`/${written}`))
