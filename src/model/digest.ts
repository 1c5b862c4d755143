import { hash } from 'node:crypto'

/** sha256 in hex of the canonical JSON of a value. */
export type Digest = string & { readonly __brand: 'Digest' }

/** JSON with sorted keys and without `undefined`: the same value gives the same text on every machine. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(fields).filter((key) => fields[key] !== undefined)
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(fields[key])}`)
    .join(',')}}`
}

export function digestOf(value: unknown): Digest {
  return hash('sha256', canonicalJson(value)) as Digest
}

export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b)
}
