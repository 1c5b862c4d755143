import type { AppState, HeldGroup } from '../model/app-state.ts'
import type { Halt } from '../model/budget.ts'
import type { ResourceId } from '../model/id.ts'
import type { Departure } from '../model/outcome.ts'
import type { Wanted } from '../model/resource.ts'
import type { PlannedApp } from './plan-apps.ts'
import { retryCommand, type WhereAt } from './ways-out.ts'

/**
 * What of an app is not brought to what the revision declares, and what ends that: changes of a failed attempt, a
 * person's pin, a suspension, a budget. An empty plan towards such a goal does not mean that the app is as desired.
 */
export function departuresOf(planned: PlannedApp, at: WhereAt): readonly Departure[] {
  const { state } = planned.input
  return [
    ...planned.goal.still.flatMap((group) => heldDeparture(group, planned, at)),
    ...pinDeparture(planned, at),
    ...(planned.goal.suspended && state.suspension ? [suspendedDeparture(planned, state.suspension)] : []),
    ...(state.halts ?? []).filter(({ lifted }) => !lifted).map((halt) => budgetDeparture(planned, halt)),
  ]
}

/** Members that another app desires by now are that app's to tell (rule 11). */
function heldDeparture(group: HeldGroup, planned: PlannedApp, at: WhereAt): readonly Departure[] {
  const ids = group.members.map((member) => member.id).filter((id) => !planned.input.elsewhere.has(id))
  if (ids.length === 0) return []
  const { revision, reason, message } = group
  return [
    {
      why: 'held-back',
      ids,
      revision,
      message: `${reason}: ${message}`,
      keptAt: ids.every((id) => planned.goal.frozen.has(id)) ? 'as-it-is' : 'last-good',
      at: group.at,
      todo: `mend it with a commit, or: ${retryCommand(planned.app, at)}`,
    },
  ]
}

function pinDeparture({ app, input }: PlannedApp, { look }: WhereAt): readonly Departure[] {
  const { pin } = input.state
  if (!pin) return []
  const { revision, by, at, reason, from } = pin
  const stands = from === undefined ? { revision, message: reason } : { revision, message: '', folder: from }
  const declared = look.desired.apps.get(app)?.wanted ?? []
  const ids = differing(declared, input.desired?.wanted ?? [])
  return [{ why: 'pinned', ids, ...stands, by, at, todo: `swarmkeeper unpin ${app}` }]
}

function suspendedDeparture(planned: PlannedApp, suspension: NonNullable<AppState['suspension']>): Departure {
  const { reason, by, since, until } = suspension
  const atRest = planned.goal.wanted.filter((wanted) => !wanted.handling.suspend)
  const ids = differing(planned.goal.base, atRest).filter((id) => atRest.some((wanted) => wanted.id === id))
  return { why: 'suspended', ids, message: reason, by, at: since, until, todo: `swarmkeeper resume ${planned.app}` }
}

function budgetDeparture({ app }: PlannedApp, { budget, ids, message, since, until }: Halt): Departure {
  const ends = until === undefined ? {} : { until }
  return { why: 'budget', ids, message, budget, at: since, ...ends, todo: `swarmkeeper resume ${app}` }
}

/** Another digest here than there, or in one of the two only. */
function differing(here: readonly Wanted[], there: readonly Wanted[]): readonly ResourceId[] {
  const digests = new Map(there.map((wanted) => [wanted.id, wanted.digest]))
  const changed = here.filter((wanted) => digests.get(wanted.id) !== wanted.digest).map((wanted) => wanted.id)
  const known = new Set(here.map((wanted) => wanted.id))
  return [...changed, ...there.map((wanted) => wanted.id).filter((id) => !known.has(id))].sort()
}
