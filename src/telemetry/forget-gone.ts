import type { Counter, Gauge } from 'prom-client'

/** Takes away the series of what is not there any more: a gone app must not look as if it still were something. */
export async function forgetGone<L extends string>(
  meter: Counter<L> | Gauge<L>,
  label: L,
  there: ReadonlySet<string>,
): Promise<void> {
  const { values } = await meter.get()
  for (const { labels } of values) {
    const name = labels[label]
    if (name !== undefined && !there.has(String(name))) meter.remove(labels as Record<L, string>)
  }
}
