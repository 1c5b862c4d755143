import type { JsonSchema } from './inline-schema.ts'
import { jsonTypeOf, typesOf } from './json-type.ts'

export type Choice =
  | { readonly type: 'branch'; readonly index: number }
  /** No branch has a value of this type. */
  | { readonly type: 'wrong-type' }
  /** Every branch has another value of this key, and the value that is written is none of them, or missing. */
  | { readonly type: 'unknown-tag'; readonly key: string; readonly allowed: readonly unknown[] }
  /** The branches differ only in the keys that they require. */
  | { readonly type: 'one-of-keys'; readonly keys: readonly string[] }

/** Which branch of a union a value was meant for. */
export function chooseBranch(branches: readonly JsonSchema[], value: unknown): Choice {
  const keys = branches.map(onlyRequires)
  if (keys.every((key) => key !== undefined))
    return { type: 'one-of-keys', keys: keys.filter((key) => key !== undefined) }
  const tag = tagOf(branches)
  if (tag && isRecord(value) && !tag.allowed.includes(value[tag.key])) return { type: 'unknown-tag', ...tag }
  const scored = branches.map((branch, index) => ({ index, score: likeness(branch, value) }))
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a), { index: -1, score: Number.NEGATIVE_INFINITY })
  return best.score === Number.NEGATIVE_INFINITY ? { type: 'wrong-type' } : { type: 'branch', index: best.index }
}

/** The key that tells the branches apart by a constant: `type: registry`. */
function tagOf(branches: readonly JsonSchema[]) {
  for (const [key, first] of Object.entries(propertiesOf(branches[0] ?? {}))) {
    const constants = branches.map((branch) => propertiesOf(branch)[key]?.const)
    if ('const' in first && !constants.includes(undefined)) return { key, allowed: constants }
  }
  return undefined
}

const propertiesOf = (branch: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  (branch.properties ?? {}) as Readonly<Record<string, JsonSchema>>

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function onlyRequires(branch: JsonSchema): string | undefined {
  const required = branch.required
  const plain = Object.keys(branch).every((key) => ['required', 'title', 'description', 'type'].includes(key))
  return plain && Array.isArray(required) ? required.join(' and ') : undefined
}

/** How much a value looks like what a branch describes; minus infinity where the type is another. */
function likeness(branch: JsonSchema, value: unknown): number {
  const types = typesOf(branch)
  const type = jsonTypeOf(value)
  if (types && !types.includes(type) && !(type === 'integer' && types.includes('number')))
    return Number.NEGATIVE_INFINITY
  if (!types) return allows(branch, value) ? 1 : Number.NEGATIVE_INFINITY
  if (!isRecord(value)) return allows(branch, value) ? 1 : 0
  const properties = propertiesOf(branch)
  let score = 0
  for (const [key, item] of Object.entries(value)) {
    const property = properties[key]
    if (!property) score -= 1
    else if (!('const' in property)) score += 1
    else score += property.const === item ? 1000 : -1000 // a discriminator: `type: registry`
  }
  for (const key of (branch.required ?? []) as readonly string[]) if (!(key in value)) score -= 1
  return score
}

function allows(branch: JsonSchema, value: unknown): boolean {
  if ('const' in branch) return branch.const === value
  return Array.isArray(branch.enum) ? branch.enum.includes(value) : true
}
