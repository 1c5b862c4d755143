import type { YamlScalar } from '../../yaml/node.ts'
import { floatOf, readNumber } from './go-number.ts'
import { readTime } from './go-time.ts'
import type { GoNumber, Scalar } from './node.ts'

/** Undefined where the tag and the text do not go together. */
export type Resolved = { readonly value: Scalar } | undefined

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, special(Number.NaN, 'NaN')] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(
    (word) => [word, special(Number.POSITIVE_INFINITY, '+Inf')] as const,
  ),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, special(Number.NEGATIVE_INFINITY, '-Inf')] as const),
])

function special(number: number, text: string): GoNumber {
  return { go: 'float', number, text }
}

/** YAML's own tags, in short. */
const CORE = '!!'

/**
 * What go-yaml v3 makes of a scalar: `yes`, `no`, `on`, `22:22` are texts, `0440` is octal, a date is a time. A tag that
 * it does not know makes a text of it.
 */
export function resolveScalar({ value, style, tag }: YamlScalar): Resolved {
  if (tag === '') return { value: style === 'plain' ? resolvePlain(value) : value }
  if (!tag.startsWith(CORE)) return { value }
  return resolveTagged(value, tag.slice(CORE.length))
}

function resolvePlain(text: string): Scalar {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  return readTime(text) ?? readNumber(text) ?? text
}

function resolveTagged(text: string, type: string): Resolved {
  if (type === 'binary') return decoded(text)
  const word = WORDS.get(text)
  const isFloat = typeof word === 'object' && word !== null
  if (type === 'null') return word === null ? { value: null } : undefined
  if (type === 'bool') return typeof word === 'boolean' ? { value: word } : undefined
  if (type === 'timestamp') return some(readTime(text))
  if (type === 'int') return some(integerOf(text))
  if (type === 'float') return some(isFloat ? word : asFloat(readNumber(text)))
  return { value: text }
}

const some = (value: Scalar | undefined): Resolved => (value === undefined ? undefined : { value })

function integerOf(text: string): GoNumber | undefined {
  const number = readNumber(text)
  return number?.go === 'int' ? number : undefined
}

const asFloat = (number: GoNumber | undefined): GoNumber | undefined => number && floatOf(number.number)

function decoded(text: string): Resolved {
  const bare = text.replaceAll(/[\r\n]/g, '')
  const valid = bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare)
  return valid ? { value: Buffer.from(bare, 'base64').toString('utf8') } : undefined
}
