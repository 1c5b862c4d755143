import type { AppStatus, Attention, FleetStatus } from '../model/outcome.ts'
import { printable, shortRevision } from './printable.ts'

/** What became otherwise from one look to the next, a line each: for logs and pipes. */
export function statusChanges(before: FleetStatus, after: FleetStatus): readonly string[] {
  const old = new Map(before.apps.map((app) => [app.state.app, app]))
  const there = new Set(after.apps.map((app) => app.state.app))
  return [
    ...became('revision', wordOf(before.revision), wordOf(after.revision)),
    ...became('repository', reached(!before.stale), reached(!after.stale)),
    ...became('fleet', before.frozen ? 'frozen' : 'not frozen', after.frozen ? 'frozen' : 'not frozen'),
    ...attentionChanges('fleet', before.attention, after.attention),
    ...targetChanges(before, after),
    ...after.apps.flatMap((app) => appChanges(old.get(app.state.app), app)),
    ...before.apps.filter((app) => !there.has(app.state.app)).map((app) => `${app.state.app}: gone`),
  ]
}

const wordOf = (revision: string | undefined): string => (revision === undefined ? 'none' : shortRevision(revision))
const reached = (is: boolean): string => (is ? 'reached' : 'not reached')

const became = (what: string, from: string, to: string): readonly string[] =>
  from === to ? [] : [`${what}: ${from} -> ${to}`]

function appChanges(before: AppStatus | undefined, after: AppStatus): readonly string[] {
  const { app } = after.state
  if (!before) return [`${app}: new, ${after.health}`]
  return [
    ...became(app, before.health, after.health),
    ...became(`${app}: applied`, wordOf(before.state.lastApplied?.revision), wordOf(after.state.lastApplied?.revision)),
    ...became(`${app}: proven`, wordOf(before.state.lastGood?.revision), wordOf(after.state.lastGood?.revision)),
    ...became(`${app}: attempt`, before.state.attempt?.phase ?? 'none', after.state.attempt?.phase ?? 'none'),
    ...attentionChanges(app, before.attention, after.attention),
  ]
}

function attentionChanges(
  what: string,
  before: readonly Attention[] = [],
  after: readonly Attention[] = [],
): readonly string[] {
  const said = (one: Attention): string => `${one.about}: ${printable(one.message)}`
  const [old, now] = [new Set(before.map(said)), new Set(after.map(said))]
  return [
    ...[...now].filter((one) => !old.has(one)).map((one) => `${what}: ! ${one}`),
    ...[...old].filter((one) => !now.has(one)).map((one) => `${what}: no longer ${one}`),
  ]
}

function targetChanges(before: FleetStatus, after: FleetStatus): readonly string[] {
  const old = new Map(before.targets.map((target) => [target.name, target.reachable]))
  return after.targets.flatMap(({ name, reachable, message }) => {
    if ((old.get(name) ?? true) === reachable) return []
    return [
      `target ${name}: ${reachable ? 'reached' : `not reached${message === undefined ? '' : `: ${printable(message)}`}`}`,
    ]
  })
}
