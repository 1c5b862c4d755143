import type { ErrorObject } from 'ajv'
import { parseDuration } from '../lib/duration.ts'
import { didYouMean } from '../lib/nearest.ts'
import { parseSize } from '../lib/size.ts'
import { messageOf } from '../model/error.ts'
import { FORMATS } from './formats.ts'
import type { JsonSchema } from './inline-schema.ts'
import { typesOf } from './json-type.ts'
import { anyOf, quote } from './quote.ts'
import { pointerTo } from './tree.ts'
import type { Choice } from './union.ts'

/** One thing that a schema does not like about a value. */
export interface Complaint {
  readonly pointer: string
  /** Is it about the key, or about the value? */
  readonly at: 'key' | 'value'
  readonly message: string
}

/** An error of the schema, in words. */
export function complaintOf(error: ErrorObject): Complaint {
  const { instancePath: pointer, keyword, params } = error
  if (keyword === 'additionalProperties') {
    const key: string = params.additionalProperty
    return { pointer: pointerTo(pointer, key), at: 'key', message: unknownKey(key, error) }
  }
  if (keyword === 'propertyNames') {
    const key: string = params.propertyName
    return { pointer: pointerTo(pointer, key), at: 'key', message: `the key ${quote(key)} is not allowed here` }
  }
  return { pointer, at: 'value', message: messageFor(error) }
}

function unknownKey(key: string, error: ErrorObject): string {
  const known = Object.keys((error.parentSchema?.properties ?? {}) as JsonSchema)
  const free = known.filter((name) => !(name in (error.data as JsonSchema)))
  const meant = didYouMean(key, free) || didYouMean(key, known)
  const list = known.length > 0 && known.length <= 12 ? `; known here: ${known.join(', ')}` : ''
  return `unknown key ${quote(key)}${meant || list}`
}

type Words = (error: ErrorObject, schema: JsonSchema) => string

const MESSAGES: Readonly<Record<string, Words>> = {
  required: (error) => `the key '${error.params.missingProperty}' is missing`,
  dependencies: (error) => `the key '${error.params.property}' needs '${error.params.missingProperty}' beside it`,
  type: (error, schema) => wrongType(error.data, schema),
  enum: (error) => notAllowed(error.data, error.params.allowedValues),
  const: (error) => notAllowed(error.data, [error.params.allowedValue]),
  pattern: (error, schema) => wrongText(String(error.data), schema),
  format: (error, schema) => wrongText(String(error.data), schema),
  minimum: (error) => `must be at least ${error.params.limit}, got ${show(error.data)}`,
  maximum: (error) => `must be at most ${error.params.limit}, got ${show(error.data)}`,
  exclusiveMinimum: (error) => `must be more than ${error.params.limit}, got ${show(error.data)}`,
  exclusiveMaximum: (error) => `must be less than ${error.params.limit}, got ${show(error.data)}`,
  multipleOf: (error) => `must be a multiple of ${error.params.multipleOf}, got ${show(error.data)}`,
  minLength: (error) =>
    error.params.limit === 1 ? 'must not be empty' : `is shorter than ${error.params.limit} characters`,
  maxLength: (error) => `is longer than ${error.params.limit} characters`,
  minItems: (error) => (error.params.limit === 1 ? 'must not be empty' : `needs at least ${error.params.limit} items`),
  maxItems: (error) => `has more than ${error.params.limit} items`,
  minProperties: (error) =>
    error.params.limit === 1 ? 'must not be empty' : `needs at least ${error.params.limit} keys`,
  maxProperties: (error, schema) => tooManyKeys(error, schema),
  uniqueItems: (error) => `items ${error.params.j + 1} and ${error.params.i + 1} are the same`,
}

function tooManyKeys({ params, data }: ErrorObject, { properties }: JsonSchema): string {
  if (params.limit !== 1 || properties === undefined) return `has more than ${params.limit} keys`
  return `takes one of ${Object.keys(Object(properties)).join(', ')}, not ${Object.keys(Object(data)).join(' and ')}`
}

function messageFor(error: ErrorObject): string {
  const words = MESSAGES[error.keyword]
  return words ? words(error, (error.parentSchema ?? {}) as JsonSchema) : (error.message ?? `breaks '${error.keyword}'`)
}

/** No branch of a union fits. */
export function noMatch(error: ErrorObject, choice: Choice): Complaint {
  const at = { pointer: error.instancePath, at: 'value' } as const
  const value = error.data as JsonSchema
  if (choice.type === 'one-of-keys') return { ...at, message: notOneKey(choice.keys, value) }
  if (choice.type === 'unknown-tag') {
    if (!(choice.key in value)) return { ...at, message: `the key '${choice.key}' is missing` }
    return { ...at, pointer: pointerTo(at.pointer, choice.key), message: notAllowed(value[choice.key], choice.allowed) }
  }
  const branches = error.schema as readonly JsonSchema[]
  const expected = anyOf([...new Set(branches.map(phraseOf))])
  const words = branches.map((branch) => branch.const).filter((word) => typeof word === 'string')
  const meant = typeof error.data === 'string' ? didYouMean(error.data, words) : ''
  const hint = meant || example(error.parentSchema ?? {})
  return { ...at, message: `expected ${expected}, got ${got(error.data, error.parentSchema ?? {})}${hint}` }
}

function notOneKey(keys: readonly string[], value: JsonSchema): string {
  const given = keys.filter((key) => key in value)
  const but = given.length > 1 ? `, not ${given.map((key) => `'${key}'`).join(' and ')}` : ''
  return `exactly one of the keys ${anyOf(keys.map((key) => `'${key}'`))} must be given${but}`
}

/** In a place for something secret, what was written there by mistake may be the secret. */
const got = (value: unknown, schema: JsonSchema): string =>
  schema.writeOnly === true && typeof value !== 'object' ? 'something else' : show(value)

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'nothing',
}

/** What a schema takes: `a duration`, `a whole number`, `'unmanaged'`. */
function phraseOf(schema: JsonSchema): string {
  if (typeof schema.noun === 'string') return withArticle(schema.noun)
  if ('const' in schema) return show(schema.const)
  if (Array.isArray(schema.enum)) return anyOf(schema.enum.map(show))
  return anyOf((typesOf(schema) ?? []).map((type) => TYPE_WORDS[type] ?? type)) || 'something else'
}

function withArticle(noun: string): string {
  const word = /^[A-Z][a-z]/.test(noun) ? noun[0]?.toLowerCase() + noun.slice(1) : noun
  return `${/^[aeio]/i.test(word) ? 'an' : 'a'} ${word}`
}

function wrongType(value: unknown, schema: JsonSchema): string {
  if (schema.noun === 'Duration' && typeof value === 'number') {
    return `${value} is not a duration: it has no unit; for example ${value}s`
  }
  const hint = typesOf(schema)?.includes('string') && isBare(value) ? `; in quotes it is a text: "${value}"` : ''
  return `expected ${phraseOf(schema)}, got ${got(value, schema)}${hint || example(schema)}`
}

const isBare = (value: unknown): boolean => typeof value === 'number' || typeof value === 'boolean'

/** They say more of what is wrong than a pattern can. */
const OWN_PARSERS: ReadonlyMap<string, (text: string) => unknown> = new Map([
  ['Duration', parseDuration],
  ['Size', parseSize],
])

function wrongText(text: string, schema: JsonSchema): string {
  const own = FORMATS.get(String(schema.format)) ?? OWN_PARSERS.get(String(schema.noun))
  try {
    own?.(text)
  } catch (error) {
    return messageOf(error)
  }
  const title = typeof schema.title === 'string' ? `a valid ${schema.title.toLowerCase()}` : 'valid here'
  const what = typeof schema.noun === 'string' ? withArticle(schema.noun) : title
  return `${quote(text)} is not ${what}${example(schema)}`
}

function notAllowed(value: unknown, allowed: readonly unknown[]): string {
  if (allowed.length === 1) return `must be ${show(allowed[0])}, got ${show(value)}`
  const words = allowed.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))
  const meant = typeof value === 'string' ? didYouMean(value, words) : ''
  return `${show(value)} is not one of ${words.join(', ')}${meant}`
}

/** A value as messages show it; of lists and maps only that they are. */
function show(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (value === null) return 'nothing'
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a map'
  return String(value)
}

function example(schema: JsonSchema): string {
  const first: unknown = Array.isArray(schema.examples) ? schema.examples[0] : undefined
  if (first === undefined) return ''
  const text = typeof first === 'string' ? first : JSON.stringify(first)
  return text.length > 80 ? '' : `; for example ${text}`
}
