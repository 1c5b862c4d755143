import type { ParsedFile } from './parse-yaml.ts'

/** What blobs said when they were parsed, by the blob's id: the same id is the same content for ever. */
export interface ParseCache {
  get(oid: string): ParsedFile | undefined
  set(oid: string, parsed: ParsedFile): void
}

/** Values that a cache keeps where nothing else is said: some 10,000 large documents, about 400 MB at the worst. */
const DEFAULT_COST = 2_000_000

/** Keeps what was used last, up to a total cost (`ParsedFile.cost`). A revision reads every file once, in one order. */
export function createParseCache(limits: { readonly cost: number } = { cost: DEFAULT_COST }): ParseCache {
  const kept = new Map<string, ParsedFile>()
  let cost = 0
  const drop = (oid: string): void => {
    cost -= kept.get(oid)?.cost ?? 0
    kept.delete(oid)
  }
  return {
    get(oid) {
      const parsed = kept.get(oid)
      if (!parsed) return undefined
      kept.delete(oid) // a Map remembers the order of insertion: the last used goes to its end
      kept.set(oid, parsed)
      return parsed
    },
    set(oid, parsed) {
      drop(oid)
      kept.set(oid, parsed)
      cost += parsed.cost
      for (const oldest of kept.keys()) {
        if (cost <= limits.cost) break
        drop(oldest)
      }
    },
  }
}
