import { didYouMean } from '../lib/nearest.ts'
import type { AppState } from '../model/app-state.ts'
import { ReconcileError } from '../model/error.ts'
import { parseId, type ResourceId } from '../model/id.ts'
import type { Wanted } from '../model/resource.ts'
import type { CallOptions } from '../model/target.ts'
import { withHeld } from '../plan/hold.ts'
import type { Collaborators } from './engine.ts'

/** What a person decides, recorded with who and why; the reconcile that follows carries it out. */
export interface Decision {
  readonly by: string
  readonly reason?: string
}

function decide(
  engine: Collaborators,
  of: { readonly app: string; readonly state: AppState; readonly message: string; readonly revision?: string },
  decision: Decision,
): void {
  const { store, clock } = engine
  refuseFrozen(engine)
  store.transaction(() => {
    store.putApp(of.state)
    const why = decision.reason === undefined ? '' : `: ${decision.reason}`
    store.addHistory({
      at: clock.now().toISOString(),
      app: of.app,
      revision: of.revision ?? of.state.lastApplied?.revision ?? '',
      what: 'operator',
      message: `${of.message}${why}`,
      by: decision.by,
    })
  })
}

/** Nobody writes while the fleet is frozen, and what is decided now must not run by itself when it thaws. */
export function refuseFrozen({ store }: Pick<Collaborators, 'store'>): void {
  const { frozen } = store.fleet()
  if (!frozen) return
  throw new ReconcileError('GuardHeld', {
    message: `the fleet is frozen by ${frozen.by}${frozen.reason ? `: ${frozen.reason}` : ''}; nothing was decided`,
    todo: 'swarmkeeper unfreeze, and then decide',
  })
}

/** What is held back or stalled is tried again by the run that follows; here it is only told. */
export function retryApp(engine: Collaborators, app: string, decision: Decision): void {
  refuseFrozen(engine)
  const state = engine.store.apps().find((known) => known.app === app)
  if (state) decide(engine, { app, state, message: 'retry' }, decision)
}

/** Pins an app to a revision: the one named, else the last good one before what runs now (rule 17, operator's rollback). */
export async function pinApp(
  engine: Collaborators,
  app: string,
  decision: Decision & CallOptions & { readonly to?: string },
): Promise<string> {
  refuseFrozen(engine)
  const state = knownApp(engine, app)
  const asked = decision.to ?? earlierGood(engine, state)
  const { commit } = await engine.source.resolve({ signal: decision.signal, revision: asked })
  const at = engine.clock.now().toISOString()
  const pin = { revision: commit, at, by: decision.by, reason: decision.reason ?? '' }
  const { stalled: _stalled, ...rest } = withHeld(state, [])
  decide(
    engine,
    { app, state: { ...rest, pin }, message: `pinned to ${commit.slice(0, 12)}`, revision: commit },
    decision,
  )
  return commit
}

function earlierGood(engine: Collaborators, state: AppState): string {
  const { lastGood, lastApplied, attempt } = state
  if (lastGood && (attempt || state.held || lastApplied?.revision !== lastGood.revision)) return lastGood.revision
  const proven = engine.store.history({ app: state.app, limit: 1_000 }).filter((entry) => entry.what === 'proven')
  const earlier = proven.find((entry) => entry.revision !== lastGood?.revision)
  if (earlier) return earlier.revision
  throw new ReconcileError('NotFound', {
    message: `${state.app} has no earlier good revision`,
    todo: 'name one: --to REVISION',
  })
}

export function unpinApp(engine: Collaborators, app: string, decision: Decision): void {
  const { pin, ...state } = knownApp(engine, app)
  if (!pin) throw new ReconcileError('Usage', { message: `${app} is not pinned` })
  decide(engine, { app, state, message: `unpinned from ${pin.revision.slice(0, 12)}` }, decision)
}

/** At rest until a time: by the kind's `suspend`, as an overlay (rule 6). */
export function suspendApp(engine: Collaborators, app: string, decision: Decision & { readonly forMs: number }): void {
  const state = knownApp(engine, app)
  const now = engine.clock.now()
  const until = new Date(now.getTime() + decision.forMs).toISOString()
  const { by, reason = '' } = decision
  const suspension = { until, reason, by, since: now.toISOString() }
  decide(engine, { app, state: { ...state, suspension }, message: `suspended until ${until}` }, decision)
}

export function resumeApp(engine: Collaborators, app: string, decision: Decision): void {
  const { suspension, ...state } = knownApp(engine, app)
  if (!suspension) throw new ReconcileError('Usage', { message: `${app} is not suspended` })
  decide(engine, { app, state, message: 'resumed' }, decision)
}

/** A restart, or another run of a job: a token among the resource's triggers (rule 4). Returns the app that owns it. */
export function restartResource(engine: Collaborators, text: string, decision: Decision): string {
  const id = knownId(engine, text)
  const recorded = engine.store.record().find((entry) => entry.id === id)
  if (!recorded) throw new ReconcileError('NotFound', { message: `${text} is not one of our resources` })
  if (!engine.kinds.get(recorded.kind)?.trigger) {
    throw new ReconcileError('Usage', { message: `a ${recorded.kind} cannot be restarted` })
  }
  const state = engine.store.app(recorded.app)
  const restarts = { ...state.restarts, [id]: engine.newId() }
  decide(engine, { app: recorded.app, state: { ...state, restarts }, message: `restart of ${id}` }, decision)
  return recorded.app
}

/** An id as people type it: whole, or without its target where only one has it. */
export function knownId(engine: Collaborators, text: string, wanted: readonly Wanted[] = []): ResourceId {
  const ids = [...new Set([...engine.store.record(), ...wanted].map((entry) => entry.id))]
  const found = ids.filter((id) => id === text || id.endsWith(`/${text}`))
  const [only, second] = found
  if (only && !second) return only
  if (second) throw new ReconcileError('Usage', { message: `'${text}' is one of: ${found.join(', ')}` })
  const parts = parseId(text)
  const same = ids.filter((id) => parts === undefined && id.split('/')[2] === text)
  if (same.length === 1 && same[0]) return same[0]
  const names = ids.flatMap((id) => [id, id.slice(id.indexOf('/') + 1)])
  throw new ReconcileError('NotFound', {
    message: `no resource '${text}'${didYouMean(text, names)}`,
    todo: '`swarmkeeper status` lists them',
  })
}

export function freezeFleet(engine: Collaborators, decision: Decision): void {
  const { store, clock } = engine
  const at = clock.now().toISOString()
  store.putFleet({ ...store.fleet(), frozen: { reason: decision.reason ?? '', by: decision.by, at } })
}

export function unfreezeFleet(engine: Collaborators): void {
  const { frozen, ...fleet } = engine.store.fleet()
  if (!frozen) throw new ReconcileError('Usage', { message: 'the fleet is not frozen' })
  engine.store.putFleet(fleet)
}

function knownApp(engine: Collaborators, app: string): AppState {
  const known = engine.store.apps().find((state) => state.app === app)
  const recorded = engine.store.record().some((entry) => entry.app === app)
  if (known || recorded) return known ?? engine.store.app(app)
  const names = engine.store.apps().map((state) => state.app)
  throw new ReconcileError('NotFound', {
    message: `no app '${app}'${didYouMean(app, names)}`,
    ...(names.length > 0 ? { todo: `there are: ${names.join(', ')}` } : {}),
  })
}
