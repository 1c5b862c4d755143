/** The keys of a JSON pointer, unescaped. */
export const segmentsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** The value at a JSON pointer (RFC 6901); undefined where there is none. */
export function getPointer(value: unknown, pointer: string): unknown {
  let here = value
  for (const segment of segmentsOf(pointer)) {
    if (!isContainer(here)) return undefined
    here = here[segment]
  }
  return here
}

/** A copy in which the value at the pointer is another one; containers on the way are copied, missing ones made. */
export function withPointer<T>(value: T, pointer: string, next: unknown): T {
  const place = (here: unknown, segments: readonly string[]): unknown => {
    const [first, ...rest] = segments
    if (first === undefined) return next
    const copy: Record<string, unknown> | unknown[] = Array.isArray(here)
      ? [...here]
      : isContainer(here)
        ? { ...here }
        : {}
    const container = copy as Record<string, unknown>
    const placed = place(container[first], rest)
    if (placed === undefined) delete container[first]
    else container[first] = placed
    return copy
  }
  return place(value, segmentsOf(pointer)) as T
}
