import type { Kept, Shelf, ShelfName } from '../model/shelf.ts'
import { decode, encode } from './encode.ts'

/** `rows`: `["shelf","key"]` -> JSON of what is kept, in the order of first writing. */
export function memoryShelves(rows: Map<string, string>): <T>(name: ShelfName) => Shelf<T> {
  return <T>(name: ShelfName): Shelf<T> => {
    const idOf = (key: string): string => JSON.stringify([name, key])
    const all = (): readonly Kept<T>[] =>
      [...rows].flatMap(([id, json]) => (id.startsWith(`["${name}",`) ? [decode<Kept<T>>(json)] : []))
    const get = (key: string): Kept<T> | undefined => {
      const json = rows.get(idOf(key))
      return json === undefined ? undefined : decode<Kept<T>>(json)
    }
    return {
      get: (key) => get(key)?.value,
      put: (key, value, at) => void rows.set(idOf(key), encode({ key, at: get(key)?.at ?? at, value })),
      drop: (key) => void rows.delete(idOf(key)),
      all,
      newest: (limit) => [...all()].reverse().slice(0, limit),
      count: () => all().length,
      dropBefore: (at) => {
        const old = all().filter((entry) => entry.at < at)
        for (const { key } of old) rows.delete(idOf(key))
        return old.length
      },
    }
  }
}
