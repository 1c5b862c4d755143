import type { Measured } from './daemon.ts'

/** Of the median of the first third; what a garbage collector leaves lying about is less. */
const MOST_GROWTH = 0.15
const MOST_HANDLES = 8

/** Whether a daemon may go on like this: the last third is compared with the middle one, for at first caches fill. */
export function verdictOf(
  measured: readonly Measured[],
  { pending, mostLagMs }: { readonly pending: readonly string[]; readonly mostLagMs: number },
): { readonly lines: readonly string[]; readonly isFine: boolean } {
  const third = Math.max(1, Math.floor(measured.length / 3))
  const middle = measured.slice(third, 2 * third)
  const last = measured.slice(-third)
  const of = (some: readonly Measured[], key: keyof Measured): number => median(some.map((one) => one[key]))
  const growth = of(last, 'heapBytes') / of(middle, 'heapBytes') - 1
  const handles = of(last, 'handles') - of(middle, 'handles')
  const lag = of(measured, 'lagP99')
  const isFine = growth <= MOST_GROWTH && handles <= MOST_HANDLES && lag < mostLagMs && pending.length === 0
  return {
    lines: [
      ...pending.map((one) => `still pending: ${one}`),
      `soak heap=${(growth * 100).toFixed(1)}% handles=${handles >= 0 ? '+' : ''}${handles} lag_p99=${lag.toFixed(1)}ms pending=${pending.length}`,
    ],
    isFine,
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
