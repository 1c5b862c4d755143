import type { Agent } from '../model/agent.ts'
import type { Shelf } from '../model/shelf.ts'
import type { SourceMemory } from './memory.ts'
import type { Decided, PartMemory } from './part.ts'
import { decidedRow, rowOf } from './shelf-keys.ts'

interface Resuming {
  readonly shelf: Shelf<SourceMemory | Decided>
  readonly now: Date
}

/** A person lets these agents run again in spite of their budgets. Gives how many halts that ends for some agent. */
export function resumeAgents(agents: readonly Agent[], { shelf, now }: Resuming): number {
  const budgets = [...new Set(agents.flatMap(({ budget }) => (budget === undefined ? [] : [budget])))]
  return budgets.reduce((ended, budget) => {
    const mine = agents.filter((agent) => agent.budget === budget)
    return ended + resumeOf(budget, mine, { shelf, now })
  }, 0)
}

function resumeOf(budget: string, agents: readonly Agent[], { shelf, now }: Resuming): number {
  const decided = shelf.get(decidedRow(budget)) as Decided | undefined
  if (!decided) return 0
  const resumed = Object.entries(decided.parts).flatMap(([of, part]) => {
    const keys = agents.filter(({ name }) => of === '' || of === name).map(({ key }) => key)
    return part.halt && keys.length > 0 ? [[of, resumedBy(part, keys, now)] as const] : []
  })
  if (resumed.length === 0) return 0
  const parts = { ...decided.parts, ...Object.fromEntries(resumed) }
  shelf.put(decidedRow(budget), { ...decided, parts }, now.toISOString())
  // Sources may call an agent by its key as well.
  const names = resumed.flatMap(([of]) => [of, ...agents.flatMap(({ name, key }) => (name === of ? [key] : []))])
  forgetBurned(budget, new Set(names), { shelf, now })
  return resumed.length
}

function resumedBy(part: PartMemory, keys: readonly string[], now: Date): PartMemory {
  const { halt } = part
  if (!halt) return part
  const resumed = [...new Set([...halt.resumed, ...keys])]
  return { ...part, halt: { ...halt, resumed }, resumes: true, resumedAt: now.getTime() }
}

/** What burned before is no reason to stop them again; what burns of others goes on to count. */
function forgetBurned(budget: string, parts: ReadonlySet<string>, { shelf, now }: Resuming): void {
  for (const { key, value } of shelf.all()) {
    const row = rowOf(key)
    if (row.type !== 'source' || row.budget !== budget || !('burned' in value)) continue
    const others = Object.entries(value.burned).filter(([part]) => !parts.has(part))
    shelf.put(key, { ...value, burned: Object.fromEntries(others) }, now.toISOString())
  }
}
