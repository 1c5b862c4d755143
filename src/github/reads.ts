import type { CallOptions } from '../model/target.ts'
import { notUnderstood } from './failures.ts'
import { NotThere } from './reading.ts'
import type { Answer, Call, Rest } from './rest.ts'

interface Read<T> {
  readonly value: T
  /** Address of the next page. */
  readonly next?: string
  /** It is as it was when it was asked before: that was free of the primary limit. */
  readonly unchanged: boolean
}

/** What is read from GitHub, and remembered with its ETag. */
export interface Reads {
  one<T>(call: Call, shape: (data: unknown) => T, options: CallOptions): Promise<Read<T>>
  /** All pages of a list. `item` gives what is kept of an item. */
  all<T>(call: Call, item: (value: unknown) => readonly T[], options: CallOptions): Promise<readonly T[]>
}

interface Remembered {
  readonly etag: string
  /** Characters of the value, as JSON. */
  readonly size: number
  readonly value: unknown
  readonly next: string | undefined
}

/** Characters of all that is remembered: who reads more in turn asks anew for what was asked longest ago. */
const MOST_REMEMBERED = 5_000_000
/** Longer lists end with an error: nobody decides on a part. */
const LONGEST_WALK = 200

export function createReads(rest: Rest): Reads {
  const memory = createMemory()
  const one = async <T>(call: Call, shape: (data: unknown) => T, options: CallOptions): Promise<Read<T>> => {
    const key = JSON.stringify([call.operation, call.url, call.params])
    const before = memory.get(key)
    const answer = await rest.ask({ ...call, ...(before && { etag: before.etag }) }, options)
    const kept = answer.status === 304 && before ? before : remembered(answer, call, shape)
    if (kept.etag !== '') memory.put(key, kept)
    const next = kept.next === undefined ? {} : { next: sameHost(kept.next, rest, call) }
    return { value: kept.value as T, unchanged: answer.status === 304, ...next }
  }
  const walk = async <T>(call: Call, shape: (data: unknown) => readonly T[], options: CallOptions) => {
    const found: T[] = []
    let unchanged = true
    let page = await one(call, shape, options)
    for (let count = 1; ; count += 1) {
      found.push(...page.value)
      unchanged &&= page.unchanged
      if (page.next === undefined) return { found, unchanged, pages: count }
      if (count === LONGEST_WALK) throw notUnderstood(call, `it has more than ${LONGEST_WALK} pages`)
      const { params: _, ...same } = call
      page = await one({ ...same, url: page.next }, shape, options)
    }
  }
  return {
    one,
    all: async (call, item, options) => {
      const shape = (data: unknown) => listOf(data).flatMap(item)
      let walked = await walk(call, shape, options)
      // What is closed while we walk moves what follows a page forward, past us: once more, until nothing moved.
      for (let more = 0; more < 3 && walked.pages > 1 && !walked.unchanged; more += 1) {
        walked = await walk(call, shape, options)
      }
      return walked.found
    },
  }
}

/** What was asked longest ago stands first. */
function createMemory() {
  const kept = new Map<string, Remembered>()
  let size = 0
  const drop = (key: string): void => {
    size -= kept.get(key)?.size ?? 0
    kept.delete(key)
  }
  return {
    get: (key: string) => kept.get(key),
    put: (key: string, value: Remembered) => {
      drop(key)
      kept.set(key, value)
      size += value.size
      for (const oldest of kept.keys()) {
        if (size <= MOST_REMEMBERED) break
        drop(oldest)
      }
    },
  }
}

/** Some lists are a property beside their length. */
function listOf(data: unknown): readonly unknown[] {
  const list = Array.isArray(data) ? data : Object.values((data ?? {}) as object).find(Array.isArray)
  if (!list) throw new NotThere('it is no list')
  return list
}

function remembered<T>(answer: Answer, call: Call, shape: (data: unknown) => T): Remembered {
  try {
    const { etag, link } = answer.headers
    const next = /<([^<>]+)>;\s*rel="next"/.exec(String(link ?? ''))?.[1]
    const value = shape(answer.data)
    return { etag: String(etag ?? ''), size: JSON.stringify(value)?.length ?? 0, value, next }
  } catch (error) {
    if (!(error instanceof NotThere)) throw error
    throw notUnderstood(call, error.message)
  }
}

/** The login goes where the next page is said to be. */
function sameHost(url: string, { apiUrl }: Rest, call: Call): string {
  if (new URL(url, apiUrl).origin === new URL(apiUrl).origin) return url
  throw notUnderstood(call, 'its next page is on another host')
}
