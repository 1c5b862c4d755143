import { addDecimals, type Decimal, scaled, ZERO } from '../../lib/decimal.ts'
import type { Days } from '../days.ts'
import { SourceFault } from './ask-json.ts'

/** UTC date -> group (workspace or project; `''` for what is of none) -> amount, exactly as it was written. */
export type VendorDays = ReadonlyMap<string, ReadonlyMap<string, Decimal>>

export type Json = Readonly<Record<string, unknown>>

/** One page: buckets, and where the next is. */
interface Page {
  readonly data: readonly unknown[]
  readonly next: string | undefined
}

/** 31 buckets each: more is no answer to what was asked. */
const MOST_PAGES = 40

/** Reads all pages. What is repeated or never ends is nonsense, and no figure. */
export async function readPages(
  ask: (page: string | undefined) => Promise<unknown>,
  readBucket: (bucket: Json) => { readonly day: string; readonly groups: ReadonlyMap<string, Decimal> },
): Promise<VendorDays> {
  const days = new Map<string, ReadonlyMap<string, Decimal>>()
  const asked = new Set<string>()
  let page: string | undefined
  do {
    const { data, next } = pageOf(await ask(page))
    for (const bucket of data) {
      const { day, groups } = readBucket(mapOf(bucket, 'a bucket'))
      if (days.has(day)) throw new SourceFault(`its answer has ${day} twice`)
      days.set(day, groups)
    }
    if (next !== undefined && (asked.has(next) || asked.size >= MOST_PAGES)) {
      throw new SourceFault('its pages do not come to an end')
    }
    if (next !== undefined) asked.add(next)
    page = next
  } while (page !== undefined)
  return days
}

/** A page without its list, or without a word on whether there is more, is no empty one. */
function pageOf(json: unknown): Page {
  const { data, has_more: more, next_page: next } = mapOf(json, 'its answer')
  if (!Array.isArray(data)) throw new SourceFault('its answer has no `data`')
  if (typeof more !== 'boolean') throw new SourceFault('its answer has no `has_more`')
  if (!more) return { data, next: undefined }
  if (typeof next !== 'string' || next === '') throw new SourceFault('it has more, and no `next_page`')
  return { data, next }
}

export function mapOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new SourceFault(`${what} is no object`)
}

export function resultsOf({ results }: Json): readonly Json[] {
  if (!Array.isArray(results)) throw new SourceFault('a bucket has no `results`')
  return results.map((result) => mapOf(result, 'a result'))
}

/** Adds up by group. `undefined` is no group: the API did not group as it was asked. */
export function sumGroups(
  amounts: readonly { readonly group: unknown; readonly amount: Decimal }[],
): ReadonlyMap<string, Decimal> {
  const groups = new Map<string, Decimal>()
  for (const { group, amount } of amounts) {
    if (group !== null && typeof group !== 'string') throw new SourceFault('a result does not say what it is of')
    groups.set(group ?? '', addDecimals(groups.get(group ?? '') ?? ZERO, amount))
  }
  return groups
}

/** Of one group, or of all: micros of each day. `places`: of the unit that amounts are in (cents: 4). */
export function pickDays(days: VendorDays, group: string | undefined, places: number): Days {
  return Object.fromEntries(
    [...days].map(([day, groups]) => {
      const wanted = group === undefined ? [...groups.values()] : [groups.get(group) ?? ZERO]
      const micros = scaled(wanted.reduce(addDecimals, ZERO), places)
      if (micros === undefined) throw new SourceFault(`what it tells of ${day} is beyond any budget`)
      return [day, { '': Math.max(0, micros) }]
    }),
  )
}

/** A day that is missing is unknown: nothing spent is a day without results. */
export function refuseMissing(days: VendorDays, wanted: readonly string[]): void {
  const missing = wanted.filter((day) => !days.has(day))
  if (missing.length > 0) throw new SourceFault(`it tells nothing of ${missing.slice(0, 3).join(', ')}`)
}
