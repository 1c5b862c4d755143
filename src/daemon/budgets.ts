import type { Announcer } from '../announce/announcer.ts'
import type { BudgetEvaluation, Budgets, WantedHalt } from '../budget/evaluation.ts'
import type { View } from '../engine/view.ts'
import { groupBy } from '../lib/group-by.ts'
import type { Agent } from '../model/agent.ts'
import type { AppState } from '../model/app-state.ts'
import { type Budget, type BudgetState, budgetStateKey, type Halt, type KeptBudgetState } from '../model/budget.ts'
import type { Clock } from '../model/clock.ts'
import type { Desired } from '../model/desired.ts'
import { canonicalJson } from '../model/digest.ts'
import { messageOf } from '../model/error.ts'
import type { Emit } from '../model/events.ts'
import type { Log } from '../model/log.ts'
import type { Store } from '../model/store.ts'
import { haltedIn } from '../reconcile/goal.ts'
import { withHalts } from '../reconcile/halts.ts'
import { createWake } from '../schedule/wake.ts'

export interface BudgetingOptions {
  readonly budgets: Budgets
  readonly store: Store
  readonly clock: Clock
  readonly emit: Emit
  readonly log: Log
  readonly announcer: Pick<Announcer, 'onBudgets'>
  /** A reconcile of this app, now; `stop`: whatever it waits for. */
  readonly apply: (app: string, how: { readonly stop: boolean }) => void
  /** Something of it is to be seen in status and metrics: a look soon. */
  readonly changed: () => void
}

/**
 * Keeps the budgets of the tracked branch: evaluates them when their sources may tell something new, puts their agents to
 * rest in the state of the apps, and has that applied at once.
 *
 *   evaluated --over its limit--> halts in the apps' state --applied--> at rest --next window, resumed, raised--> lifted
 */
export interface Budgeting {
  /** After each look at the fleet: what it declares, and what a person resumed. */
  looked(view: View): void
  /** An evaluation now: something was reported. */
  nudge(): void
  /** Evaluates until the signal. */
  run(signal: AbortSignal): Promise<void>
}

/** What an app declared when it could be read last: a document with a mistake ends no budget. */
interface Declared {
  readonly budgets: readonly Budget[]
  readonly agents: readonly Agent[]
}

const IDLE_MS = 3_600_000
const AGAIN_MS = 10_000
/** Between the beginnings of two evaluations: many reports make one. */
const SHORTEST_MS = 250

export function createBudgeting(options: BudgetingOptions): Budgeting {
  const { budgets, store, clock, emit, log, announcer, apply, changed } = options
  const declared = store.shelf<Declared>('budget-declared')
  const states = store.shelf<KeptBudgetState>('budget-state')
  const wake = createWake(clock)
  let isRead = false
  /** Apps that cannot be read, and of which nobody knows any more what they declared: what rests of them stays at rest. */
  let unread: ReadonlySet<string> = new Set()

  const all = (): Declared => {
    const values = declared.all().map(({ value }) => value)
    return { budgets: values.flatMap((one) => one.budgets), agents: values.flatMap((one) => one.agents) }
  }

  /** A resume by a command, or through the API, is told to whoever counts. */
  const handOver = (agents: readonly Agent[]): void =>
    store.transaction(() => {
      for (const state of store.apps()) {
        const { waivers = [], ...rest } = state
        if (waivers.length === 0) continue
        const overlooked = new Set(waivers.map(({ budget }) => budget))
        const own = agents.filter(({ app, budget }) => app === state.app && overlooked.has(budget ?? ''))
        budgets.resume(own)
        store.putApp(rest)
      }
    })

  const evaluate = async (signal: AbortSignal): Promise<number> => {
    const now = all()
    const halted = store.apps().flatMap(({ halts = [] }) => halts.filter(({ lifted }) => !lifted))
    // What was declared may have been lost with the database, or put aside: nothing is lifted before it was read.
    if (now.budgets.length === 0 && !isRead) return IDLE_MS
    if (now.budgets.length === 0 && halted.length === 0 && states.count() === 0) return IDLE_MS
    handOver(now.agents)
    const evaluation = await budgets.evaluate({ ...now, halts: halted, signal })
    const before = tellable(states)
    const turned = store.transaction(() => {
      keepStates(evaluation)
      return keepHalts(evaluation.halts, now.agents)
    })
    for (const warning of evaluation.warnings) {
      emit({ type: 'budget:warning', budget: warning.budget, percent: warning.percent, message: warning.message })
    }
    for (const message of evaluation.messages) emit({ type: 'budget:source', ...message })
    announcer.onBudgets()
    for (const [app, how] of turned) apply(app, how)
    if (turned.size === 0 && before !== tellable(states)) changed()
    return evaluation.nextInMs
  }

  const keepStates = ({ at, states: found, warnings }: BudgetEvaluation): void => {
    const keys = new Set(found.map(budgetStateKey))
    for (const { key } of states.all()) if (!keys.has(key)) states.drop(key)
    for (const state of found) {
      const key = budgetStateKey(state)
      const before = states.get(key)
      const known = before?.state.window.start === state.window.start ? before.told : []
      const news = warnings.flatMap((one) => (budgetStateKey(one) === key ? [one.percent] : []))
      // A limit that was raised is told of anew.
      const told = [...new Set([...known, ...news])].filter((percent) => state.warned.includes(percent))
      states.put(key, { at, state, told, ...duringOf(state, before) }, at)
    }
  }

  /** In the state as it is now: apps that are being applied, and persons, wrote it meanwhile. */
  const keepHalts = (
    wanted: readonly WantedHalt[],
    agents: readonly Agent[],
  ): ReadonlyMap<string, { stop: boolean }> => {
    const byApp = haltsByApp(wanted, agents)
    const turned = new Map<string, { stop: boolean }>()
    for (const app of new Set([...byApp.keys(), ...store.apps().map((state) => state.app)])) {
      if (unread.has(app)) continue
      const state = store.app(app)
      const next = mergedHalts(state, byApp.get(app) ?? [])
      if (canonicalJson(next) === canonicalJson(state.halts ?? [])) continue
      store.putApp(withHalts(state, next))
      const { set, lifted } = difference(state.halts ?? [], next)
      for (const { budget, ids, message } of set) emit({ type: 'budget:halted', app, budget, ids, message })
      for (const { budget, ids } of lifted) {
        emit({ type: 'budget:lifted', app, budget, ids, message: `${ids.join(', ')} may run again` })
      }
      if (set.length + lifted.length > 0) turned.set(app, { stop: set.length > 0 })
    }
    return turned
  }

  let known = canonicalJson(all())
  let isAwake = false
  /** Of the next evaluation, by the clock on the wall (ms). */
  let dueAt = Number.POSITIVE_INFINITY
  return {
    looked: ({ look: { desired, astray, observeOnly } }) => {
      // Another history, that nobody confirmed, raises no limit.
      if (astray === undefined && observeOnly === undefined) {
        keepDeclared(desired, declared, clock.now().toISOString())
        isRead = true
        unread = new Set(
          [...desired.apps.values()].flatMap(({ app, broken }) => (broken && !declared.get(app) ? [app] : [])),
        )
      }
      const next = canonicalJson(all())
      const isResumed = store.apps().some(({ waivers = [] }) => waivers.length > 0)
      // A machine that slept, or whose clock was put forward, is late.
      const isLate = clock.now().getTime() >= dueAt
      if (next !== known || isResumed || isLate || !isAwake) wake.now()
      isAwake ||= isRead
      known = next
      // Its agents may have stopped since: then the overshoot is known.
      announcer.onBudgets()
    },
    nudge: () => wake.now(),
    run: async (signal) => {
      signal.addEventListener('abort', () => wake.now(), { once: true })
      while (!signal.aborted) {
        const began = clock.monotonic()
        const nextInMs = await evaluate(signal).catch((error: unknown) => {
          if (!signal.aborted) log.error({ error }, `budgets could not be evaluated: ${messageOf(error)}`)
          return AGAIN_MS
        })
        const ms = Math.max(SHORTEST_MS, nextInMs)
        dueAt = clock.now().getTime() + ms
        if (!signal.aborted) await wake.within(ms)
        const early = began + SHORTEST_MS - clock.monotonic()
        if (early > 0 && !signal.aborted) await clock.sleep(early, { signal }).catch(unlessOver(signal))
      }
    },
  }
}

const unlessOver =
  (signal: AbortSignal) =>
  (error: unknown): void => {
    if (!signal.aborted) throw error
  }

/** Figures of the window in which it was halted, as far as they are known by now. */
function duringOf(state: BudgetState, before: KeptBudgetState | undefined): Pick<KeptBudgetState, 'during'> {
  const { halted, window, spent, limit } = state
  if (!halted) return {}
  const { since } = halted
  if (Date.parse(since) >= Date.parse(window.start)) return { during: { since, spent, limit } }
  return before?.during?.since === since ? { during: before.during } : {}
}

/** What people are told of: figures that only grow are no news. */
const tellable = (states: ReturnType<Store['shelf']>): string =>
  canonicalJson(
    (states as { all(): readonly { readonly value: KeptBudgetState }[] }).all().map(({ value: { state } }) => {
      const { budget, of = '', limit, warned, window, holdsNew = false } = state
      return [budget, of, limit, warned, window.start, state.unknown !== undefined, state.halted?.since ?? '', holdsNew]
    }),
  )

/** Of an app that cannot be read, what it declared before; of one that is gone, nothing. */
function keepDeclared(desired: Desired, shelf: ReturnType<Store['shelf']>, at: string): void {
  const broken = new Set([...desired.apps.values()].flatMap((app) => (app.broken ? [app.app] : [])))
  for (const { key } of shelf.all()) if (!desired.apps.has(key)) shelf.drop(key)
  for (const app of desired.apps.keys()) {
    if (broken.has(app)) continue
    const ofApp = (one: { readonly app: string }): boolean => one.app === app
    const next: Declared = { budgets: desired.budgets.filter(ofApp), agents: desired.agents.filter(ofApp) }
    if (next.budgets.length + next.agents.length === 0) shelf.drop(app)
    else if (canonicalJson(next) !== canonicalJson(shelf.get(app) ?? null)) shelf.put(app, next, at)
  }
}

/** Agents of an app that rest for the same reason rest together. */
function haltsByApp(wanted: readonly WantedHalt[], agents: readonly Agent[]): ReadonlyMap<string, readonly Halt[]> {
  const byKey = new Map(agents.map((agent) => [agent.key, agent]))
  const placed = wanted.flatMap(({ agent: key, halt }) => {
    const agent = byKey.get(key)
    return agent ? [{ app: agent.app, halt: { ...halt, ids: agent.ids } }] : []
  })
  const groups = [...groupBy(placed, ({ app, halt: { ids: _ids, ...rest } }) => canonicalJson([app, rest])).values()]
  const joined = groups.flatMap((same) => {
    const [first] = same
    const ids = [...new Set(same.flatMap(({ halt }) => halt.ids))].sort()
    return first && ids.length > 0 ? [{ app: first.app, halt: { ...first.halt, ids } }] : []
  })
  return new Map([...groupBy(joined, ({ app }) => app)].map(([app, some]) => [app, some.map(({ halt }) => halt)]))
}

/**
 * What is wanted now beside what stands: what stands already stays as it was told, what is wanted no more is lifted, and what
 * a person resumed since is not set again before that was counted with.
 */
function mergedHalts({ halts = [], waivers = [] }: AppState, wanted: readonly Halt[]): readonly Halt[] {
  const overlooked = new Set(waivers.map(({ budget }) => budget))
  const news = wanted.filter(({ budget }) => !overlooked.has(budget))
  const kept = news.map((halt) => {
    const same = halts.find((one) => !one.lifted && isSame(one, halt))
    return same ? { ...halt, message: same.message, ...(same.stoppedAt ? { stoppedAt: same.stoppedAt } : {}) } : halt
  })
  const resting = new Set(kept.flatMap(({ ids }) => ids))
  const ended = halts
    .filter((one) => !news.some((halt) => !one.lifted && isSame(one, halt)))
    .filter(({ ids }) => ids.some((id) => !resting.has(id)))
    .map((one): Halt => ({ ...one, lifted: true }))
  return [...kept, ...ended]
}

const isSame = (one: Halt, other: Halt): boolean =>
  one.budget === other.budget && one.why === other.why && one.since === other.since && sameIds(one, other)

const sameIds = (one: Halt, other: Halt): boolean => canonicalJson([...one.ids].sort()) === canonicalJson(other.ids)

function difference(before: readonly Halt[], after: readonly Halt[]) {
  const [rested, rests] = [haltedIn({ halts: before }), haltedIn({ halts: after })]
  return {
    set: after.filter(({ lifted, ids }) => !lifted && ids.some((id) => !rested.has(id))),
    lifted: before.filter(({ lifted, ids }) => !lifted && ids.some((id) => !rests.has(id))),
  }
}
