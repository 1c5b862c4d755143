import type { Announcer } from '../announce/announcer.ts'
import type { View } from '../engine/view.ts'
import type { Agent } from '../model/agent.ts'
import type { KeptBudgetState } from '../model/budget.ts'
import type { ResourceId } from '../model/id.ts'
import type { Log } from '../model/log.ts'
import type { Store } from '../model/store.ts'
import { heldGroups } from '../plan/hold.ts'
import type { Collaborators } from '../reconcile/engine.ts'
import type { LeasePool } from '../reconcile/leases.ts'
import type { Hindrance } from '../runs/advance-run.ts'
import { type AgentRuns, createAgentRuns, type RunWorld } from '../runs/agent-runs.ts'
import { createWake } from '../schedule/wake.ts'
import { secretsOf } from '../settings/secrets-of.ts'
import type { Settings } from '../settings/settings.ts'
import { createScrub } from '../telemetry/scrub.ts'

export interface RunningOptions {
  readonly settings: Settings
  readonly engine: Collaborators
  readonly leases: LeasePool
  readonly announcer: Pick<Announcer, 'onRuns'>
  readonly log: Log
}

/** Runs of scheduled agents, beside the looks at the fleet. */
export interface Running {
  /** After each look at the fleet. */
  looked(view: View): void
  /** A run now, that a person asks for. */
  ask: NonNullable<Collaborators['runAgent']>
  /** Until the signal: wakes at the turn of each minute, and more often while something runs. */
  run(signal: AbortSignal): Promise<void>
}

export function createRunning({ settings, engine, leases, announcer, log }: RunningOptions): Running {
  const { store, clock, emit, reveal } = engine
  const wake = createWake(clock)
  const scrub = createScrub(secretsOf(settings))
  const runs: AgentRuns = createAgentRuns({
    ...{ store, clock, emit, reveal, scrub },
    leases: (targets, call) => leases.join(targets, call),
    ended: () => announcer.onRuns(agents),
    failed: (error) => log.error({ error }, 'a run of an agent could not be followed'),
  })
  let agents: readonly Agent[] = []
  return {
    looked: (view) => {
      const { agents: declared, apps } = view.look.desired
      // Of an app that cannot be read now, nothing is over.
      const unread = agents.filter((one) => apps.get(one.app)?.broken && !declared.some(({ key }) => key === one.key))
      agents = [...declared, ...unread]
      runs.looked(worldOf(view, engine))
      announcer.onRuns(agents)
      wake.now()
    },
    ask: (id, { by }) => {
      runs.ask(id, by)
      wake.now()
    },
    run: async (signal) => {
      const stop = (): void => wake.now()
      signal.addEventListener('abort', stop, { once: true })
      while (!signal.aborted) {
        await runs.step(signal)
        if (!signal.aborted) await wake.within(runs.waitMs())
      }
    },
  }
}

function worldOf(view: View, engine: Pick<Collaborators, 'store' | 'clock'>): RunWorld {
  const { desired, targets } = view.look
  const seen = { view, ...engine }
  return {
    agents: desired.agents,
    targets,
    isFrozen: () => engine.store.fleet().frozen !== undefined || view.look.observeOnly !== undefined,
    isUnread: (app) => desired.apps.get(app)?.broken === true || desired.brokenTargets.length > 0,
    hindrance: (agent, id) => whyNot(agent, id, seen),
    halted: (agent, id) => haltOf(agent, id, seen) ?? suspensionOf(agent, seen),
    spent: (agent) => spentBy(agent, engine.store),
  }
}

interface Seen extends Pick<Collaborators, 'store' | 'clock'> {
  readonly view: View
}

/** Why none may start now: what its app and budget say, and what stands of it on its target. */
function whyNot(agent: Agent, id: ResourceId, seen: Seen): Hindrance | undefined {
  const { view, store } = seen
  const { frozen } = store.fleet()
  const why =
    (frozen && `the fleet is frozen by ${frozen.by}`) ??
    view.look.observeOnly ??
    suspensionOf(agent, seen) ??
    haltOf(agent, id, seen) ??
    budgetHolds(agent, store)
  return why === undefined ? standsBadly(agent, id, seen) : { message: why }
}

function suspensionOf({ app }: Agent, { store, clock }: Pick<Seen, 'store' | 'clock'>): string | undefined {
  const { suspension } = store.app(app)
  if (!suspension || Date.parse(suspension.until) <= clock.now().getTime()) return undefined
  return `${app} is suspended until ${suspension.until} by ${suspension.by}`
}

function haltOf({ app }: Agent, id: ResourceId, { store }: Pick<Seen, 'store'>): string | undefined {
  const halt = store.app(app).halts?.find(({ ids, lifted }) => !lifted && ids.includes(id))
  // What a budget says begins with its name.
  const why = halt?.message.replace(/^budget (?=\S)/, '')
  return halt && `stopped for its budget ${why?.startsWith(halt.budget) ? why : `${halt.budget}: ${why}`}`
}

function budgetHolds(agent: Agent, store: Pick<Store, 'shelf'>): string | undefined {
  const held = statesOf(agent, store).find((state) => state.holdsNew)
  return held && `what its budget ${held.budget} has spent is not known: ${held.unknown?.why ?? 'no source tells'}`
}

/** Of its budget: one for all, or its own. */
function statesOf({ budget, key, name }: Agent, store: Pick<Store, 'shelf'>) {
  const kept = store.shelf<KeptBudgetState>('budget-state').all()
  return kept.flatMap(({ value: { state } }) => {
    const isIts = state.budget === budget && (state.of === undefined || state.of === name || state.of === key)
    return isIts ? [state] : []
  })
}

/** A figure that counts others, too, tells nothing of one agent. */
function spentBy(agent: Agent, store: Pick<Store, 'shelf'>) {
  const state = statesOf(agent, store).find(({ of, unit }) => of !== undefined && unit === 'cost')
  return state && { micros: state.spent, currency: state.currency, window: state.window.start }
}

const WRITING: ReadonlySet<string> = new Set(['applying', 'rolling-back'])

function standsBadly({ app }: Agent, id: ResourceId, { view, store }: Seen): Hindrance | undefined {
  const state = store.app(app)
  const recorded = view.store.record().find((one) => one.id === id)
  if (WRITING.has(state.attempt?.phase ?? '')) return { message: `${app} is being applied`, wait: true }
  if (!recorded) return { message: 'it is not applied yet', wait: true }
  if (recorded.state !== 'owned') return { message: `what is recorded of it is ${recorded.state}`, wait: true }
  const held = heldGroups(state).find(
    ({ keepAt, members }) => keepAt === 'stay' && members.some((member) => member.id === id),
  )
  if (held) return { message: `it is held back: ${held.message}` }
  const live = view.look.live.of.get(id)
  return live?.state === 'absent' ? { message: 'what is recorded of it is not there any more' } : undefined
}
