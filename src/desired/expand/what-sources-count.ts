import type { Budget, SpendSource } from '../../model/budget.ts'

interface Counts {
  readonly units: readonly Budget['unit'][]
  /** Whose figures it has. */
  readonly per: readonly Budget['per'][]
}

const DOLLARS_OF_ALL: Counts = { units: ['cost'], per: ['global'] }

/** What each of those counts that we cannot choose the meaning of; money in dollars. */
const COUNTS: Readonly<Partial<Record<SpendSource['type'], Counts>>> = {
  anthropic: DOLLARS_OF_ALL,
  openai: DOLLARS_OF_ALL,
  supervisor: DOLLARS_OF_ALL,
  zerg: { units: ['cost', 'runs'], per: ['global', 'agent', 'user'] },
}

/** Why a source can never tell what a budget asks: its spend would be unknown for ever. */
export function mismatchOf(
  type: SpendSource['type'],
  { unit, currency, per }: Pick<Budget, 'unit' | 'currency' | 'per'>,
): string | undefined {
  const counts = COUNTS[type]
  if (!counts) return undefined
  if (!counts.units.includes(unit)) return `${type} counts ${counts.units.join(' and ')}, not ${unit}`
  if (unit === 'cost' && currency !== 'USD') return `${type} counts in USD, not in ${currency}`
  if (!counts.per.includes(per)) return `${type} does not tell ${per}s apart: give each a budget, or count by a label`
  return undefined
}
