import { amountText } from '../lib/amount.ts'
import { groupBy } from '../lib/group-by.ts'
import { ownValue } from '../lib/own-value.ts'
import type { Budget, BudgetState, Micros, SpendSource } from '../model/budget.ts'
import { burnedIn } from './burn.ts'
import type { SourceMessage } from './evaluation.ts'
import { graceMs, type SourceMemory } from './memory.ts'
import type { Part } from './reading.ts'
import { sourceText } from './words.ts'

/** What all sources of a budget say of one part of it. */
export interface Figure {
  readonly spent: Micros
  /** In the time that the budget's `burn` looks at. */
  readonly burned: Micros
  /** None of the sources of something that is covered knows, since then (ms). */
  readonly unknown?: { readonly why: string; readonly since: number }
  readonly covers: BudgetState['covers']
  readonly messages: readonly SourceMessage[]
}

export interface Combining {
  readonly budget: Budget
  /** By `SpendSource.key`. */
  readonly memories: ReadonlyMap<string, SourceMemory>
  /** Names under which sources may have it: an agent's name, and `app/name`. */
  readonly parts: readonly Part[]
  readonly now: number
  /** When (ms) this process first looked: while none did, no source could tell anything. */
  readonly startedAt: number
}

interface Told {
  readonly source: SpendSource
  readonly spent: Micros
  readonly burned: Micros
  readonly known: boolean
  /** When it last knew, or was first asked. */
  readonly since: number
  readonly fault: string | undefined
  readonly notes: readonly string[]
}

/**
 * Sources that cover the same show the same spending, each in its own way and delay: the highest counts. Different ones add up.
 * The last figure of a source that does not tell any more stays. Where one of those that cover the same knows, it is known.
 */
export function combine(combining: Combining): Figure {
  const { budget } = combining
  const groups = [...groupBy(budget.sources, ({ covers }) => covers)].map(([covers, sources]) => ({
    covers,
    told: sources.map((source) => toldBy(source, combining)),
  }))
  const unknown = groups.filter(({ told }) => !told.some(({ known }) => known))
  const highest = (told: readonly Told[], of: 'spent' | 'burned') => Math.max(0, ...told.map((one) => one[of]))
  return {
    spent: groups.reduce((sum, { told }) => sum + highest(told, 'spent'), 0),
    burned: groups.reduce((sum, { told }) => sum + highest(told, 'burned'), 0),
    ...(unknown.length > 0 ? { unknown: unknownOf(unknown) } : {}),
    covers: groups.map(({ covers, told }) => ({
      covers,
      spent: highest(told, 'spent'),
      sources: told.map((one) => stateOf(one, apartIn(budget, told))),
    })),
    messages: groups.flatMap(({ covers, told }) =>
      messagesOf(budget, told).map((message) => ({ budget: budget.key, covers, message })),
    ),
  }
}

function toldBy(source: SpendSource, { budget, memories, parts, now, startedAt }: Combining): Told {
  const memory = memories.get(source.key)
  if (!memory)
    return { source, spent: 0, burned: 0, known: false, since: now, fault: 'it was not asked yet', notes: [] }
  const fresh = (at: number | undefined): boolean =>
    at !== undefined && Number.isFinite(at) && now - Math.max(at, startedAt) <= graceMs(source)
  const knownAt = parts.map((part) => ownValue(memory.knownAt, part) ?? Number.NEGATIVE_INFINITY)
  const { others } = memory
  const byOthers = others !== undefined && others.atMost < budget.limit && fresh(others.at)
  const since = Math.max(memory.firstAskedAt, ...knownAt, byOthers ? others.at : 0)
  const sum = (of: (part: Part) => Micros): Micros => parts.reduce((total, part) => total + of(part), 0)
  const { burn } = budget
  return {
    source,
    spent: sum((part) => ownValue(memory.spent, part) ?? 0),
    burned: burn ? sum((part) => burnedIn(ownValue(memory.burned, part), { inMs: burn.inMs, now })) : 0,
    known: byOthers || knownAt.some(fresh),
    since,
    fault: memory.fault?.why ?? (memory.readAt === undefined ? 'it has not told yet' : undefined),
    notes: memory.notes,
  }
}

function unknownOf(groups: readonly { readonly covers: string; readonly told: readonly Told[] }[]) {
  const why = groups.map(({ covers, told }) => {
    const faults = told.map(({ source, fault }) => `${sourceText(source)}: ${fault ?? 'it tells nothing of this one'}`)
    return `${covers}: ${faults.join('; ')}`
  })
  const since = Math.min(...groups.map(({ told }) => Math.max(...told.map((one) => one.since))))
  return { why: why.join('; '), since }
}

const stateOf = ({ source, spent, known, fault, notes }: Told, apart: string | undefined) => {
  const said = [fault, ...notes, apart].filter((one) => one !== undefined).join('; ')
  return {
    source: sourceText(source),
    ...(known || spent > 0 ? { spent } : {}),
    ...(said === '' ? {} : { message: said }),
  }
}

/** Less than a cent, or than one run, is no news. */
const leastOf = ({ unit }: Budget): Micros => (unit === 'cost' ? 10_000 : 1_000_000)

/** What sources that cover the same say, where that differs by more than a tenth. */
function apartIn(budget: Budget, told: readonly Told[]): string | undefined {
  const known = told.filter((one) => one.known).sort((a, b) => a.spent - b.spent)
  const [least, most] = [known[0], known.at(-1)]
  if (!least || !most || most.spent - least.spent <= Math.max(leastOf(budget), most.spent / 10)) return undefined
  const says = ({ source, spent }: Told): string => `${sourceText(source)} says ${amountText(spent, budget)}`
  return `sources do not agree: ${says(most)}, ${says(least)}; the higher counts`
}

function messagesOf(budget: Budget, told: readonly Told[]): readonly string[] {
  const faults = told.flatMap(({ source, fault }) => (fault === undefined ? [] : [`${sourceText(source)}: ${fault}`]))
  const apart = apartIn(budget, told)
  return apart === undefined ? faults : [...faults, apart]
}
