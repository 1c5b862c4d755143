import type { Kinds } from '../model/kind.ts'
import { type Change, changesOf } from '../model/plan.ts'
import type { Unfit } from '../model/target.ts'
import { portsHeld } from '../plan/ports.ts'
import type { Look } from './look.ts'
import { neededBy } from './needed-by.ts'
import type { PlannedApp } from './plan-apps.ts'

export interface HandoverInput {
  readonly planned: readonly PlannedApp[]
  readonly kinds: Kinds
  readonly look: Look
}

/** What cannot have its port yet is told which apps give it up in this very run: it comes after those. */
export function withHandovers(input: HandoverInput): readonly PlannedApp[] {
  const { look, planned } = input
  const canaries = neededBy(look.desired.fleet.canary, look)
  return planned.map((app) => {
    if (app.unfit.length === 0 || canaries.has(app.app)) return app
    const unfit = app.unfit.map((one): Unfit => {
      const comesAfter = givesWayTo(one, app, input)
      return comesAfter.length === 0 ? one : { ...one, comesAfter }
    })
    return { ...app, unfit }
  })
}

/**
 * Only apps that can go ahead themselves, and wait for nothing that waits for a port, so that no two ever wait for each
 * other: neither they, nor what they depend on, nor the canary.
 */
function givesWayTo(unfit: Unfit, app: PlannedApp, input: HandoverInput): readonly string[] {
  const { planned, look } = input
  const needed = neededPorts(unfit, app, input)
  if (needed.size === 0) return []
  const stuck = new Set(planned.flatMap((other) => (other.unfit.length > 0 ? [other.app] : [])))
  return planned.flatMap((other) => {
    if (other.app === app.app || other.blocked) return []
    const before = neededBy([other.app, ...look.desired.fleet.canary], look)
    if ([...before].some((name) => stuck.has(name))) return []
    const freed = changesOf(other.plan).flatMap((change) => givenUp(change, input))
    return freed.some((port) => needed.has(port)) ? [other.app] : []
  })
}

const neededPorts = ({ id }: Unfit, { plan }: PlannedApp, { kinds }: HandoverInput): ReadonlySet<string> =>
  new Set(changesOf(plan).flatMap((change) => (change.id === id ? portsAfter(change, kinds) : [])))

const portsAfter = (change: Change, kinds: Kinds): readonly string[] =>
  'to' in change ? (kinds.get(change.to.kind)?.ports?.(change.to.spec) ?? []) : []

function givenUp(change: Change, { kinds, look }: HandoverInput): readonly string[] {
  if (change.action !== 'prune' && change.action !== 'update' && change.action !== 'replace') return []
  const { id, from } = change
  const kind = change.action === 'prune' ? change.from.kind : change.to.kind
  const after = new Set(portsAfter(change, kinds))
  return [...portsHeld({ id, kind, from }, { kinds, live: look.live.of })].filter((port) => !after.has(port))
}
