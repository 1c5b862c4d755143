import { ownValue } from '../lib/own-value.ts'
import type { Agent } from '../model/agent.ts'
import type { Budget, BudgetState, Halt, SpendSource } from '../model/budget.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { Shelf } from '../model/shelf.ts'
import { boundOf } from './bound.ts'
import { combine } from './combine.ts'
import { decide, haltedOf, stateOf } from './decide.ts'
import type {
  BudgetEvaluation,
  Budgets,
  BudgetsOptions,
  BudgetWarning,
  EvaluateOptions,
  SourceMessage,
  WantedHalt,
} from './evaluation.ts'
import { absorb, everyMs, failed, graceMs, newMemory, rolled, type SourceMemory } from './memory.ts'
import type { Decided, Deciding, PartMemory } from './part.ts'
import { type Limited, limitedBy, takenOver, withoutResumed } from './parts.ts'
import type { Reading } from './reading.ts'
import { createReports } from './reports.ts'
import { resumeAgents } from './resume.ts'
import { decidedRow, rowOf, sourceRow } from './shelf-keys.ts'
import { createAskSource, NotYet } from './sources/ask-source.ts'
import { tooSoon } from './sources/today.ts'
import { type Window, windowAt } from './windows.ts'

const STOP_SECONDS = 60
const HOUR_MS = 3_600_000
const LEAST_NEXT_MS = 1_000

/** A budget, its window now, and what is known of its sources. */
interface Look {
  readonly budget: Budget
  readonly window: Window
}

type Answer = { readonly reading: Reading } | { readonly fault: string } | 'not yet'

interface Told extends Look {
  readonly source: SpendSource
  readonly answer: Answer
}

/**
 * Asks, adds up, decides. All that must outlive a restart is on the shelf `budget`: of each source its figures, the last
 * samples and what was burned lately; of each budget what was told and what stands at rest. Both are written in one
 * transaction at the end of an evaluation, so a stop in between has it asked again, and counts nothing twice.
 */
export function createBudgets(options: BudgetsOptions): Budgets {
  const { store, clock, stopSeconds = STOP_SECONDS } = options
  const shelf = store.shelf<SourceMemory | Decided>('budget')
  const reports = createReports(store)
  const asks = createAskSource({ ...options, reported: reports.sums })
  let declared: readonly Budget[] | undefined
  let known: readonly BudgetState[] = []
  const news = createNews()
  let startedAt: number | undefined
  let prunedAt = Number.NEGATIVE_INFINITY
  let turn: Promise<unknown> = Promise.resolve()

  const memoryOf = ({ budget, window }: Look, source: SpendSource): SourceMemory | undefined => {
    const memory = shelf.get(sourceRow(budget.key, source.key)) as SourceMemory | undefined
    return memory && rolled(memory, window)
  }

  const ask = async (look: Look, source: SpendSource, at: { now: number; signal: AbortSignal }): Promise<Told> => {
    const memory = memoryOf(look, source)
    const asking = { window: look.window, before: memory?.state, spent: memory?.spent ?? {}, ...at }
    try {
      return { ...look, source, answer: { reading: await asks.ask(source, look.budget, asking) } }
    } catch (error) {
      at.signal.throwIfAborted()
      if (error instanceof NotYet) return { ...look, source, answer: 'not yet' }
      return { ...look, source, answer: { fault: messageOf(error) } }
    }
  }

  const keep = ({ answer, source, ...look }: Told, now: number): void => {
    if (answer === 'not yet') return
    const memory = memoryOf(look, source) ?? newMemory(look.window, now)
    const after =
      'fault' in answer
        ? failed(memory, answer.fault, now)
        : absorb(memory, answer.reading, { now, burn: look.budget.burn })
    shelf.put(sourceRow(look.budget.key, source.key), after, new Date(now).toISOString())
  }

  const run = async ({ budgets, agents, halts = [], signal }: EvaluateOptions): Promise<BudgetEvaluation> => {
    const now = clock.now().getTime()
    startedAt ??= now
    declared = budgets
    asks.expect(budgets, now)
    const looks = budgets.map((budget) => ({ budget, window: windowAt(budget, now) }))
    const due = looks.flatMap((look) =>
      look.budget.sources.flatMap((source) => (isDue(source, memoryOf(look, source), now) ? [{ look, source }] : [])),
    )
    const told = await Promise.all(due.map(({ look, source }) => ask(look, source, { now, signal })))
    return store.transaction(() => {
      for (const one of told) keep(one, now)
      const began = startedAt ?? now
      const concluding = { shelf, agents, halts, now, stopSeconds, memoryOf, startedAt: began }
      const concluded = looks.map((look) => conclude(look, concluding))
      if (now - prunedAt >= HOUR_MS) {
        prunedAt = now
        reports.prune(now)
        forget(shelf, budgets, now)
      }
      const behind = told.some(
        ({ answer }) => typeof answer === 'object' && 'reading' in answer && answer.reading.behind,
      )
      const nextInMs = behind ? LEAST_NEXT_MS : nextOf(looks, { memoryOf, now })
      const evaluation = news(joined(concluded, now, nextInMs))
      known = evaluation.states
      return evaluation
    })
  }

  return {
    evaluate: (asked) => {
      const result = turn.then(() => run(asked))
      turn = result.catch(() => undefined)
      return result
    },
    report: (report) => {
      if (!declared) throw notReadYet()
      const taken = reports.take(report, declared, clock.now())
      if (!taken.again) options.onReport?.()
      return taken
    },
    states: () => known,
    resume: (agents) => store.transaction(() => resumeAgents(agents, { shelf, now: clock.now() })),
  }
}

const notReadYet = (): ReconcileError =>
  new ReconcileError('Aborted', {
    message: 'the budgets were not read yet since the start',
    todo: 'report it again in some seconds, under the same key',
    retryable: true,
  })

type MemoryOf = (look: Look, source: SpendSource) => SourceMemory | undefined

const isDue = (source: SpendSource, memory: SourceMemory | undefined, now: number): boolean => {
  const telling = source.type === 'zerg' || source.type === 'supervisor'
  if (telling && tooSoon(now)) return false
  // Its window is another since a reviewed change: what was read so far says nothing of it.
  if (source.type === 'prometheus' && memory && memory.state === undefined && !memory.fault) return true
  // A clock that was put back is no reason to wait for it.
  return !memory || now >= memory.askedAt + everyMs(source) || now < memory.askedAt
}

interface Concluding {
  readonly shelf: Shelf<SourceMemory | Decided>
  readonly agents: readonly Agent[]
  readonly halts: readonly Halt[]
  readonly now: number
  readonly stopSeconds: number
  readonly memoryOf: MemoryOf
  /** When (ms) this process first looked. */
  readonly startedAt: number
}

type Concluded = Pick<BudgetEvaluation, 'states' | 'warnings' | 'halts' | 'holdsNew' | 'messages'>

/** Decides on every part of one budget, and keeps it. */
function conclude(look: Look, { shelf, agents, halts, now, stopSeconds, memoryOf, startedAt }: Concluding): Concluded {
  const { budget, window } = look
  const memories = new Map(
    budget.sources.flatMap((source) => {
      const memory = memoryOf(look, source)
      return memory ? [[source.key, memory] as const] : []
    }),
  )
  const before = shelf.get(decidedRow(budget.key)) as Decided | undefined
  const bound = boundOf(budget, { memories, stopSeconds })
  const decided = limitedBy(budget, agents, memories).map((limited) => {
    const known = before ? ownValue(before.parts, limited.of ?? '') : takenOver({ budget, limited, window }, halts)
    const figure = combine({ budget, memories, parts: limited.parts, now, startedAt })
    const part = withoutResumed(known, limited)
    const deciding: Deciding = { budget, of: limited.of, figure, before: part, window, now, graceMs: graceOf(budget) }
    return { limited, deciding, decision: decide(deciding) }
  })
  const parts = Object.fromEntries(decided.map(({ limited, decision }) => [limited.of ?? '', decision.after]))
  // What stands at rest of an agent that is not declared just now is not forgotten.
  const halted = Object.entries(before?.parts ?? {}).filter(([, part]) => part.halt !== undefined)
  const after: Decided = { windowEnd: window.end, parts: { ...Object.fromEntries(halted), ...parts } }
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    shelf.put(decidedRow(budget.key), after, new Date(now).toISOString())
  }
  return {
    states: decided.map(({ deciding, decision }) => stateOf(deciding, decision, bound)),
    warnings: decided.flatMap(({ decision: { warning } }): readonly BudgetWarning[] => (warning ? [warning] : [])),
    halts: decided.flatMap(({ limited, decision }) => haltsOf(budget, limited, decision.after)),
    holdsNew: decided.flatMap(({ limited, decision }) =>
      decision.holdsNew ? limited.agents.map(({ key }) => key) : [],
    ),
    messages: distinct(decided.flatMap(({ deciding }) => deciding.figure.messages)),
  }
}

const graceOf = ({ sources }: Budget): number => Math.max(0, ...sources.map(graceMs))

const haltsOf = ({ key }: Budget, { agents }: Limited, { halt }: PartMemory): readonly WantedHalt[] =>
  halt
    ? agents
        .filter((agent) => !halt.resumed.includes(agent.key))
        .map((agent) => ({ agent: agent.key, halt: { budget: key, ...haltedOf(halt) } }))
    : []

function distinct(messages: readonly SourceMessage[]): readonly SourceMessage[] {
  return [...new Map(messages.map((message) => [JSON.stringify(message), message])).values()]
}

function joined(concluded: readonly Concluded[], now: number, nextInMs: number): BudgetEvaluation {
  return {
    at: new Date(now).toISOString(),
    nextInMs,
    states: concluded.flatMap(({ states }) => states),
    warnings: concluded.flatMap(({ warnings }) => warnings),
    halts: concluded.flatMap(({ halts }) => halts),
    holdsNew: [...new Set(concluded.flatMap(({ holdsNew }) => holdsNew))],
    messages: concluded.flatMap(({ messages }) => messages),
  }
}

/** Tells each message once, until it is over: figures and times in it are no news. */
function createNews() {
  let before: ReadonlySet<string> = new Set()
  const keyOf = (message: SourceMessage): string => JSON.stringify(message).replace(/\d[\d.,:]*/g, '#')
  return (evaluation: BudgetEvaluation): BudgetEvaluation => {
    const messages = evaluation.messages.filter((message) => !before.has(keyOf(message)))
    before = new Set(evaluation.messages.map(keyOf))
    return { ...evaluation, messages }
  }
}

const MOST_NEXT_MS = 60_000

/** Until a source is due or a window ends. What is reported is told at once. */
function nextOf(
  looks: readonly Look[],
  { memoryOf, now }: { readonly memoryOf: MemoryOf; readonly now: number },
): number {
  const times = looks.flatMap((look) => [
    look.window.end,
    ...look.budget.sources.flatMap((source) =>
      source.type === 'reported' ? [] : [(memoryOf(look, source)?.askedAt ?? now) + everyMs(source)],
    ),
  ])
  return Math.max(LEAST_NEXT_MS, Math.min(now + MOST_NEXT_MS, ...times) - now)
}

/** Of budgets and sources that are declared no more, once their window is over: until then a mistake can be taken back. */
function forget(shelf: Shelf<SourceMemory | Decided>, budgets: readonly Budget[], now: number): void {
  const rows = new Set(
    budgets.flatMap(({ key, sources }) => [decidedRow(key), ...sources.map((source) => sourceRow(key, source.key))]),
  )
  for (const { key, value } of shelf.all()) {
    if (rows.has(key) || rowOf(key).type === 'reported') continue
    const end = 'windowEnd' in value ? value.windowEnd : value.window.end
    if (end < now) shelf.drop(key)
  }
}
