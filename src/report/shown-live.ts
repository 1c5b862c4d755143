import type { ResourceView } from '../model/engine.ts'

type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Values of labels and variables that are not ours are not printed: only that they are there. */
function withoutOthers(live: unknown, spec: unknown): unknown {
  if (!isFields(live)) return live
  const wanted = isFields(spec) ? spec : {}
  const entries = Object.entries(live).map(([name, value]): readonly [string, unknown] => {
    if (name === 'service') return [name, withoutOthers(value, wanted.service)]
    return [name, OTHERS.has(name) && isFields(value) ? hideUndeclared(value, wanted[name]) : value]
  })
  return Object.fromEntries(entries)
}

const OTHERS: ReadonlySet<string> = new Set(['labels', 'containerLabels', 'env'])

const hideUndeclared = (live: Fields, declared: unknown): Fields =>
  Object.fromEntries(
    Object.entries(live).map(([name, value]) => [
      name,
      isFields(declared) && name in declared ? value : '(set by hand, not shown)',
    ]),
  )

/** What is live of one resource, as it may be shown: undefined where it is not there. */
export const shownLive = ({ observed, wanted, recorded }: ResourceView): unknown =>
  observed?.state === 'present' ? withoutOthers(observed.live, (wanted ?? recorded)?.spec) : undefined
