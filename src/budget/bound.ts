import { groupBy } from '../lib/group-by.ts'
import type { Budget, BudgetState, SpendSource } from '../model/budget.ts'
import { everyMs, type SourceMemory } from './memory.ts'
import { sourceText } from './words.ts'

/** How old what a source tells may be, beyond how often it is asked (seconds), and why. */
const DELAY: Readonly<Record<SpendSource['type'], { readonly seconds: number; readonly why: string }>> = {
  prometheus: { seconds: 60, why: 'a minute between scrapes' },
  // "Data typically appears within 5 minutes" (Anthropic, usage and cost API); OpenAI promises nothing, and is taken alike.
  anthropic: { seconds: 300, why: 'costs that come 5 min late' },
  openai: { seconds: 300, why: 'costs that come 5 min late' },
  zerg: { seconds: 60, why: 'a minute after midnight (UTC) in which it is not asked' },
  supervisor: { seconds: 60, why: 'a minute after midnight (UTC) in which it is not asked' },
  reported: { seconds: 0, why: 'as soon as it is reported' },
}

/** A longer one is no interval: its target was away. */
const MOST_GAP_MS = 5 * 60_000

interface BoundOf {
  readonly memories: ReadonlyMap<string, SourceMemory>
  /** From the decision until agents stand still. */
  readonly stopSeconds: number
}

/**
 * For how long spending can go on after the limit: how often the source is asked, how late its figures are, and the time to
 * stop. Of sources that cover the same, the quickest shows it; of different ones, the slowest counts.
 */
export function boundOf(
  { sources }: Pick<Budget, 'sources'>,
  { memories, stopSeconds }: BoundOf,
): BudgetState['bound'] {
  const slowest = [...groupBy(sources, ({ covers }) => covers).values()]
    .map(
      (same) =>
        same.map((source) => sourceBound(source, memories.get(source.key))).sort((a, b) => a.seconds - b.seconds)[0],
    )
    .sort((a, b) => (b?.seconds ?? 0) - (a?.seconds ?? 0))[0]
  const { seconds, why } = slowest ?? { seconds: 0, why: 'no source' }
  return { seconds: seconds + stopSeconds, why: `${why}; ${stopSeconds} s to stop` }
}

function sourceBound(source: SpendSource, memory: SourceMemory | undefined): BudgetState['bound'] {
  const every = Math.ceil(everyMs(source) / 1_000)
  const { seconds, why } = DELAY[source.type]
  const seen =
    source.type === 'prometheus' && memory?.gapMs !== undefined
      ? Math.ceil(Math.min(memory.gapMs, MOST_GAP_MS) / 1_000)
      : undefined
  const late = seen === undefined ? why : `${seen} s between its samples`
  const asked = every === 0 ? '' : `asked every ${every} s, `
  return { seconds: every + (seen ?? seconds), why: `${sourceText(source)}: ${asked}${late}` }
}
