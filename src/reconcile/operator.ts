import { didYouMean, nearest } from '../lib/nearest.ts'
import type { AppState } from '../model/app-state.ts'
import type { Halt, Waiver } from '../model/budget.ts'
import { ReconcileError } from '../model/error.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import { runsOnce } from '../model/kind.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
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
  if (!pin)
    throw new ReconcileError('Usage', {
      message: `${app} is not pinned`,
      todo: 'nothing: it follows the tracked branch',
    })
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

/**
 * Ends a suspension, and what rests for a budget: a person overlooks that, and whoever counts it is told by the waiver. What
 * runs then is counted on from here.
 */
export function resumeApp(engine: Collaborators, app: string, decision: Decision): void {
  const { suspension, halts = [], waivers = [], ...state } = knownApp(engine, app)
  const budgets = [...new Set(halts.flatMap(({ budget, lifted }) => (lifted ? [] : [budget])))]
  if (!suspension && budgets.length === 0)
    throw new ReconcileError('Usage', {
      message: `${app} is not suspended`,
      todo: 'nothing: it follows the tracked branch',
    })
  const at = engine.clock.now().toISOString()
  const { by, reason = '' } = decision
  const overlooked = budgets.map((budget): Waiver => ({ budget, at, by, reason }))
  const others = waivers.filter(({ budget }) => !budgets.includes(budget))
  const next: AppState = {
    ...state,
    ...(halts.length > 0 ? { halts: halts.map((halt): Halt => ({ ...halt, lifted: true })) } : {}),
    ...(others.length + overlooked.length > 0 ? { waivers: [...others, ...overlooked] } : {}),
  }
  const message = budgets.length > 0 ? `resumed in spite of budget ${budgets.join(', ')}` : 'resumed'
  decide(engine, { app, state: next, message }, decision)
}

/** `restart` is for what keeps running, `run-job` for what ends. */
export type Again = 'restart' | 'run-job'

/** A restart, or another run of a job: a token among the resource's triggers (rule 4). Returns the app that owns it. */
export function restartResource(
  engine: Collaborators,
  text: string,
  decision: Decision & { readonly again?: Again },
): string {
  refuseFrozen(engine)
  const id = knownId(engine, text)
  const recorded = engine.store.record().find((entry) => entry.id === id)
  if (!recorded) throw new ReconcileError('NotFound', { message: `${text} is not one of our resources` })
  refuseWrongKind(recorded, decision.again, engine)
  const state = engine.store.app(recorded.app)
  const restarts = { ...state.restarts, [id]: engine.newId() }
  const message = decision.again === 'run-job' ? `run of ${id}` : `restart of ${id}`
  decide(engine, { app: recorded.app, state: { ...state, restarts }, message }, decision)
  return recorded.app
}

function refuseWrongKind({ id, kind, spec }: Recorded, again: Again | undefined, { kinds }: Collaborators): void {
  const known = kinds.get(kind)
  if (!known?.trigger) {
    const message = `a ${kind} does not run: there is nothing to ${again === 'run-job' ? 'run' : 'restart'}`
    throw new ReconcileError('Usage', { message, todo: 'name a service (`swarmkeeper restart`) or a job (`run-job`)' })
  }
  const job = runsOnce(known, spec)
  const right: Again = job ? 'run-job' : 'restart'
  if (again === undefined || right === again) return
  const said = job ? 'runs to its end, and is not restarted' : 'keeps running: it is no job'
  throw new ReconcileError('Usage', { message: `${id} ${said}`, todo: `swarmkeeper ${right} ${id}` })
}

/** An id as people type it: whole, or without its target where only one has it; a generation by its document's name. */
export function knownId(engine: Collaborators, text: string, wanted: readonly Wanted[] = []): ResourceId {
  const { kinds, store } = engine
  // Newest last: what is declared, then the youngest generation, is what a document's name means.
  const ids = [...new Set([...store.record(), ...wanted].map((entry) => entry.id).reverse())].reverse()
  const exact = ids.filter((id) => isCalled(id, text))
  const byDocument = new Map(ids.map((id) => [documentId(id, kinds), id]))
  const found = exact.length > 0 ? exact : [...byDocument].flatMap(([name, id]) => (isCalled(name, text) ? [id] : []))
  const [only, second] = found
  if (only && !second) return only
  if (second) {
    const todo = 'write it with its target, as one of these'
    throw new ReconcileError('Usage', { message: `'${text}' is one of: ${found.join(', ')}`, todo })
  }
  throw unknownId(text, [...byDocument.keys()])
}

/** `prod/Service/web`, `Service/web` or `web`. */
const isCalled = (id: string, text: string): boolean => id === text || id.endsWith(`/${text}`)

function documentId(id: ResourceId, kinds: Collaborators['kinds']): string {
  const { target, kind, name } = partsOf(id)
  return `${target}/${kind}/${kinds.get(kind)?.generationOf?.(name) ?? name}`
}

function unknownId(text: string, ids: readonly string[]): ReconcileError {
  const name = text.split('/').at(-1) ?? text
  const near = nearest(
    text,
    ids.flatMap((id) => [id, id.slice(id.indexOf('/') + 1)]),
  )
  const same = ids.filter((id) => id.endsWith(`/${name}`) || nearest(name, [id.split('/')[2] ?? '']) !== undefined)
  const meant = near === undefined ? same.slice(0, 5) : [near]
  return new ReconcileError('NotFound', {
    message: `no resource '${text}'${meant.length > 0 ? `; did you mean ${meant.map((id) => `'${id}'`).join(', ')}?` : ''}`,
    todo: '`swarmkeeper render` lists what is declared, `swarmkeeper status` what is not well',
  })
}

/** One reason, one who thaws: a second freeze would hide the first. */
export function freezeFleet(engine: Collaborators, decision: Decision): void {
  const { store, clock } = engine
  const fleet = store.fleet()
  if (fleet.frozen) {
    const { by, at, reason } = fleet.frozen
    throw new ReconcileError('Usage', {
      message: `the fleet is frozen already, by ${by} since ${at}${reason ? `: ${reason}` : ''}`,
      todo: 'nothing is written until `swarmkeeper unfreeze`; to freeze it for another reason, unfreeze it first',
    })
  }
  const at = clock.now().toISOString()
  const reason = decision.reason ?? ''
  store.transaction(() => {
    store.putFleet({ ...fleet, frozen: { reason, by: decision.by, at } })
    noteFleet(engine, { message: `frozen${reason ? `: ${reason}` : ''}`, by: decision.by })
  })
}

export function unfreezeFleet(engine: Collaborators, decision?: Pick<Decision, 'by'>): void {
  const { frozen, ...fleet } = engine.store.fleet()
  if (!frozen)
    throw new ReconcileError('Usage', { message: 'the fleet is not frozen', todo: 'nothing: the next apply writes' })
  engine.store.transaction(() => {
    engine.store.putFleet(fleet)
    noteFleet(engine, {
      message: `unfrozen; frozen by ${frozen.by} since ${frozen.at}`,
      ...(decision && { by: decision.by }),
    })
  })
}

/** History of no single app: its app is empty. */
function noteFleet({ store, clock }: Collaborators, entry: { readonly message: string; readonly by?: string }): void {
  const revision = store.fleet().lastApplied ?? ''
  store.addHistory({ at: clock.now().toISOString(), app: '', revision, what: 'operator', ...entry })
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
