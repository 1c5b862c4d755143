import { digestOf } from '../model/digest.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Guard } from '../model/outcome.ts'
import { type Change, changesOf, type HeldChange, onlyChanges, type Plan } from '../model/plan.ts'
import { kindOf } from './decide.ts'

/** Share of the fleet's record that may go at once, and the number from which the share counts. */
const MAX_SHARE = 0.3
const MIN_COUNT = 3

export interface GuardInput {
  readonly plans: readonly Plan[]
  readonly kinds: Kinds
  /** Resources in the record of the whole fleet; generations do not count, neither here nor among what goes. */
  readonly recorded: number
  readonly stale: boolean
  /** Apps and targets that could not be read: what they declare is not known. */
  readonly broken: readonly string[]
  readonly confirmed: ReadonlySet<string>
  /** What the plan of the pull request that the revision came from had shown to go; undefined where there is none. */
  readonly shown?: ReadonlySet<ResourceId>
}

export interface Guarded {
  readonly plan: Plan
  readonly guards: readonly Guard[]
}

/**
 * Prunes that nobody can explain wait for a person (rule 13): a stale source, anything that failed to render, more than
 * a share of the fleet's record, more than the pull request's plan had shown. The name of a guard names what would go, so that a confirmation is for just that.
 */
export function guardPrunes(input: GuardInput): readonly Guarded[] {
  const reason = unexplained(input)
  return input.plans.map((plan) => {
    const prunes = pruned(plan)
    if (prunes.length === 0 || plan.goal === 'last-good') return { plan, guards: [] }
    const why = reason ?? notShown(prunes, input)
    const guard = why === undefined ? undefined : guardFor(plan, prunes, why)
    if (!guard || input.confirmed.has(guard.name)) return { plan, guards: [] }
    return { plan: withoutPrunes(plan, guard), guards: [guard] }
  })
}

/** A replace that frees what nobody renamed prunes it: the port's holder (rule 13). */
function prunedBy(change: Change): readonly Pruned[] {
  if (change.action === 'prune') return [{ id: change.id, kind: change.from.kind }]
  if (change.action !== 'replace' || change.to.handling.movedFrom !== undefined) return []
  return change.frees.map((id) => ({ id, kind: partsOf(id).kind }))
}

interface Pruned {
  readonly id: ResourceId
  readonly kind: string
}

const pruned = (plan: Plan): readonly Pruned[] => changesOf(plan).flatMap(prunedBy)

const MOST_NAMED = 3

/** Nobody who reviewed it could know that this goes. */
function notShown(prunes: readonly Pruned[], { shown, kinds }: GuardInput): string | undefined {
  if (!shown) return undefined
  const more = prunes.filter(({ id, kind }) => !shown.has(id) && !kindOf(kinds, kind).generationOf)
  if (more.length === 0) return undefined
  const named = more.slice(0, MOST_NAMED).map(({ id }) => id)
  const rest = more.length > named.length ? ` and ${more.length - named.length} more` : ''
  return `the plan of the pull request had not shown that ${named.join(', ')}${rest} would go`
}

function unexplained(input: GuardInput): string | undefined {
  if (input.stale) return 'the source could not be reached: this is the last desired state'
  if (input.broken.length > 0) return `what ${input.broken.join(', ')} declares could not be read`
  const count = input.plans
    .filter((plan) => plan.goal === 'desired')
    .flatMap(pruned)
    .filter(({ kind }) => !kindOf(input.kinds, kind).generationOf).length
  if (count < MIN_COUNT || count <= input.recorded * MAX_SHARE) return undefined
  return `${count} of ${input.recorded} resources of the fleet would go at once`
}

/** Of an app that could not be read whole nobody knows what it declares no more: nothing to prune, and none to confirm. */
export function withoutAnyPrune(plan: Plan, asked: ReadonlySet<ResourceId>): Plan {
  const kept = onlyChanges(plan, (change) => prunedBy(change).length === 0)
  return { ...kept, held: plan.held.filter(({ id }) => asked.has(id)), forget: [] }
}

function guardFor(plan: Plan, prunes: readonly Pruned[], reason: string): Guard {
  const name = `prune:${plan.app}:${digestOf(prunes.map(({ id }) => id).sort()).slice(0, 8)}`
  return { name, message: `${prunes.length} to prune in ${plan.app}: ${reason}` }
}

function withoutPrunes(plan: Plan, guard: Guard): Plan {
  const isHeld = (change: Change): boolean => prunedBy(change).length > 0
  const held = changesOf(plan)
    .filter(isHeld)
    .flatMap((change) => [change.id, ...prunedBy(change).map(({ id }) => id)])
    .map((id): HeldChange => ({ id, why: 'guard', message: guard.message }))
  return { ...onlyChanges(plan, (change) => !isHeld(change)), held: [...plan.held, ...uniqueById(held)] }
}

const uniqueById = (held: readonly HeldChange[]): readonly HeldChange[] => [
  ...new Map(held.map((entry) => [entry.id, entry])).values(),
]
