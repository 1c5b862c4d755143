import type { Agent } from '../model/agent.ts'
import type { Budget, Halt } from '../model/budget.ts'
import type { SourceMemory } from './memory.ts'
import type { HaltMemory, PartMemory } from './part.ts'
import type { Part } from './reading.ts'
import type { Window } from './windows.ts'

/** What a budget limits by itself: everything, one agent, or one user. */
export interface Limited {
  /** Of a state; undefined: of all. */
  readonly of: string | undefined
  /** As sources may call it. */
  readonly parts: readonly Part[]
  /** What stands at rest for it. */
  readonly agents: readonly Agent[]
}

/** Labels come from outside, without number; agents that are declared are always looked at. */
const MOST_PARTS = 500

export function limitedBy(
  budget: Budget,
  agents: readonly Agent[],
  memories: ReadonlyMap<string, SourceMemory>,
): readonly Limited[] {
  const mine = agents.filter((agent) => agent.budget === budget.key)
  if (budget.per === 'global') return [{ of: undefined, parts: [''], agents: mine }]
  const declared = budget.per === 'agent' ? declaredAgents(mine) : []
  const known = new Set(['', ...declared.flatMap(({ parts }) => parts)])
  const others = partsIn(memories).filter((part) => !known.has(part))
  return [...declared, ...others.slice(0, MOST_PARTS).map((part) => ({ of: part, parts: [part], agents: [] }))]
}

function declaredAgents(agents: readonly Agent[]): readonly Limited[] {
  const names = [...new Set(agents.map(({ name }) => name))]
  return names.map((name) => {
    const same = agents.filter((agent) => agent.name === name)
    return { of: name, parts: [name, ...same.map(({ key }) => key)], agents: same }
  })
}

/** The dearest first. */
function partsIn(memories: ReadonlyMap<string, SourceMemory>): readonly Part[] {
  const spent = [...memories.values()].flatMap((memory) => Object.entries(memory.spent)).sort(([, a], [, b]) => b - a)
  return [...new Set(spent.map(([part]) => part))]
}

/**
 * What stood at rest before the database was lost, as the targets remember it: a burn must not end because nobody here
 * knows of it any more.
 */
export function takenOver(
  { budget, limited, window }: { readonly budget: Budget; readonly limited: Limited; readonly window: Window },
  halts: readonly Halt[],
): PartMemory | undefined {
  const ids = new Set(limited.agents.flatMap((agent) => agent.ids))
  const found = halts.find((halt) => halt.budget === budget.key && !halt.lifted && halt.ids.some((id) => ids.has(id)))
  if (!found) return undefined
  const { why, since, until, message } = found
  const halt: HaltMemory = {
    why,
    since,
    message,
    limit: budget.limit,
    resumed: [],
    ...(until === undefined ? {} : { until }),
  }
  return { window: window.start, warned: [], halt: { ...halt, ...(budget.burn ? { burn: budget.burn.limit } : {}) } }
}

/** What all of its agents were resumed from is over. */
export function withoutResumed(before: PartMemory | undefined, { agents }: Limited): PartMemory | undefined {
  if (!before?.halt || before.halt.resumed.length === 0) return before
  const { halt, ...others } = before
  return agents.every(({ key }) => halt.resumed.includes(key)) ? others : before
}
