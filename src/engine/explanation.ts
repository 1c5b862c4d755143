import type { Desired } from '../model/desired.ts'
import type { Explanation } from '../model/engine.ts'
import { ReconcileError } from '../model/error.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Departure } from '../model/outcome.ts'
import { type Change, changesOf } from '../model/plan.ts'
import type { Wanted } from '../model/resource.ts'
import { departuresOf } from '../reconcile/departures.ts'
import type { PlannedApp } from '../reconcile/plan-apps.ts'
import { isUnread, type View } from './view.ts'

/** Why a resource would change, or is held, or stays. */
export function explanationOf(id: ResourceId, view: View): Explanation {
  const planned = appOf(id, view)
  const app = planned?.app ?? ''
  const readable = planned && !isUnread(planned) ? planned : undefined
  const change = readable && changesOf(readable.plan).find((one) => one.id === id)
  const held = readable?.plan.held.find((one) => one.id === id)
  const wanted = wantedOf(id, planned)
  const departures = departuresFor(id, planned, view)
  const origin = (declaredOf(id, view) ?? wanted)?.origin
  const instead = departures.some((departure) => departure.ids.includes(id)) ? insteadOf(id, view) : undefined
  const followers = change ? followersOf(id, view) : []
  return {
    id,
    app,
    revision: view.look.revision,
    guards: readable?.guards ?? [],
    after: wanted?.after ?? [],
    state: view.store.app(app),
    ...(change ? { change } : {}),
    ...(held ? { held } : {}),
    ...(planned?.blocked ? { blocked: planned.blocked } : {}),
    ...(origin ? { origin } : {}),
    ...(departures.length > 0 ? { departures } : {}),
    ...(instead ? { instead } : {}),
    ...(followers.length > 0 ? { followers } : {}),
    ...generationOf(id, planned, view),
  }
}

export const wantedOf = (id: ResourceId, planned: PlannedApp | undefined): Wanted | undefined =>
  planned?.goal.wanted.find((wanted) => wanted.id === id)

const declaredOf = (id: ResourceId, { look }: View): Wanted | undefined =>
  [...look.desired.apps.values()].flatMap((app) => app.wanted).find((wanted) => wanted.id === id)

/** The app whose plan is about it: of what is held back, the one that declares it. */
export function appOf(id: ResourceId, view: View): PlannedApp | undefined {
  const recorded = view.store.record().find((entry) => entry.id === id)?.app
  const declared = declaredOf(id, view)?.app
  const named = (name: string | undefined): PlannedApp | undefined => view.planned.find(({ app }) => app === name)
  return view.planned.find((app) => wantedOf(id, app)) ?? named(declared) ?? named(recorded)
}

/** A pin is of the whole app, whether it changes this resource or not. */
export function departuresFor(id: ResourceId, planned: PlannedApp | undefined, view: View): readonly Departure[] {
  if (!planned) return []
  const all = departuresOf(planned, { engine: view, look: view.look })
  return all.filter((departure) => departure.why === 'pinned' || departure.ids.includes(id))
}

/** What the revision asks for, and is not done. */
function insteadOf(id: ResourceId, view: View): Change | undefined {
  const to = declaredOf(id, view)
  const observed = view.look.live.of.get(id)
  const kind = to && appOf(id, view)?.input.kinds.get(to.kind)
  if (!to || !kind || !observed || observed.state === 'unknown') return undefined
  if (observed.state === 'absent') return { action: 'create', id, cause: 'revision', diffs: [], to }
  const from = view.store.record().find((entry) => entry.id === id)
  const diffs = kind.compare(to.spec, observed.live)
  return diffs.length === 0 ? undefined : { action: 'update', id, cause: 'revision', diffs, from, to }
}

/** What refers to it changes with it, in any app. */
const followersOf = (id: ResourceId, { planned }: View): readonly Change[] =>
  planned
    .filter((app) => !isUnread(app))
    .flatMap(({ plan }) => changesOf(plan))
    .filter((change) => 'to' in change && change.to.after.includes(id))

function generationOf(id: ResourceId, planned: PlannedApp | undefined, view: View): Pick<Explanation, 'generation'> {
  const { kind, name, target } = partsOf(id)
  const group = planned?.input.kinds.get(kind)?.generationOf
  if (!group) return {}
  const of = group(name)
  const before = view.store.record().findLast((entry) => {
    const other = partsOf(entry.id)
    return entry.kind === kind && other.target === target && other.name !== name && group(other.name) === of
  })
  return { generation: { of, ...(before ? { before: before.id } : {}) } }
}

/**
 * The id that a document stands for now: a Secret is known by the name that people write, whatever its generation.
 * Undefined where no document is called so. @throws ReconcileError where several are
 */
export function idOfDocument(text: string, { addresses }: Pick<Desired, 'addresses'>): ResourceId | undefined {
  const named = [...addresses].filter(([address]) => address === text || address.endsWith(`/${text}`))
  const [only, second] = new Set(named.flatMap(([, ids]) => ids))
  if (second === undefined) return only
  throw new ReconcileError('Usage', {
    message: `'${text}' is one of: ${named.map(([address]) => address).join(', ')}`,
    todo: 'write it with its target, as one of these',
  })
}
