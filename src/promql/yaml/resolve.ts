import { Buffer, isUtf8 } from 'node:buffer'
import type { YamlNode, YamlScalar } from '../../yaml/node.ts'

/**
 * What yaml.v3 takes a scalar for. A tag that says otherwise is a mistake, save that a float may be written as an int, and
 * that tags it does not know may stand anywhere.
 */
export type Resolved = Known | { readonly refused: string }

interface Known {
  readonly tag: string
  readonly number?: number
  /** Where it is another text than what is written. */
  readonly text?: string
}

/** Stands for bytes that are no text: half of a character, which no text has. */
const NOT_UTF8 = '\udcff'

const CHECKED: ReadonlySet<string> = new Set(['!!bool', '!!int', '!!float', '!!null', '!!timestamp'])

const WORDS = new Map<string, string>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, '!!null'] as const),
  ...['true', 'True', 'TRUE', 'false', 'False', 'FALSE'].map((word) => [word, '!!bool'] as const),
])
const FLOATS = /^(?:\.(?:nan|NaN|NAN)|[-+]?\.(?:inf|Inf|INF))$/

/** @param node a scalar */
export function resolve(node: YamlScalar): Resolved {
  if (isText(node)) return { tag: '!!str' }
  const { tag } = node
  if (tag === '!!binary') return binary(node.value)
  if (tag !== '' && !CHECKED.has(tag)) return { tag }
  const found = guess(node.value)
  if (tag === '' || tag === found.tag) return found
  if (tag === '!!float' && found.tag === '!!int') return found
  return { refused: `'${node.value}' is tagged ${tag}, which it is not` }
}

/** yaml.v3 `indicatedString`: quotes, a block, or the tag say so. */
const isText = (node: YamlScalar): boolean => node.tag === '!!str' || (node.tag === '' && node.style !== 'plain')

function binary(text: string): Resolved {
  const plain = text.replaceAll(/[\r\n]/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(plain)) {
    return { refused: 'behind !!binary stands base64' }
  }
  const bytes = Buffer.from(plain, 'base64')
  return { tag: '!!binary', text: isUtf8(bytes) ? bytes.toString('utf8') : NOT_UTF8 }
}

function guess(text: string): Known {
  const word = WORDS.get(text)
  if (word) return { tag: word }
  if (FLOATS.test(text)) return { tag: '!!float', number: infinite(text) }
  if (/^\./.test(text)) return /^\.\d+(?:[eE][-+]?\d+)?$/.test(text) ? { tag: '!!float', number: Number(text) } : STRING
  return /^[-+0-9]/.test(text) ? numeric(text) : STRING
}

const STRING = { tag: '!!str' } as const

const infinite = (text: string): number =>
  /nan/i.test(text) ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity

/** Go's ParseInt with base 0, then a float, then YAML 1.2's octals. */
function numeric(text: string): Known {
  if (TIMESTAMP.test(text)) return { tag: '!!timestamp' }
  const plain = text.replaceAll('_', '')
  const whole = wholeNumber(plain)
  // What only an unsigned int holds is an int to YAML, and no limit of a group.
  if (whole !== undefined) return whole < 2n ** 63n ? { tag: '!!int', number: Number(whole) } : { tag: '!!int' }
  if (!/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain)) return STRING
  const number = Number(plain)
  return Number.isFinite(number) ? { tag: '!!float', number } : STRING
}

const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\s*\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d*)?\s*(?:Z|[-+]\d{1,2}:\d{2})?)?$/

function wholeNumber(plain: string): bigint | undefined {
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/s.exec(plain) ?? []
  const value = digitsOf(digits)
  if (value === undefined) return undefined
  const signed = sign === '-' ? -value : value
  return signed >= -(2n ** 63n) && signed < 2n ** 64n ? signed : undefined
}

function digitsOf(digits: string): bigint | undefined {
  if (/^0[xX][0-9a-fA-F]+$|^0[bB][01]+$|^0[oO][0-7]+$/.test(digits)) return BigInt(digits.toLowerCase())
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits}`)
  return /^(?:0|[1-9]\d*)$/.test(digits) ? BigInt(digits) : undefined
}

/** yaml.v3 `ShortTag() == "!!null"`: such a value is passed over, and what it would be decoded into stays as it is. */
export function isNull(node: YamlNode): boolean {
  if (node.type === 'alias') {
    const of = node.of()
    return of !== undefined && of.type === 'scalar' && isNull(of)
  }
  if (node.tag !== '') return node.tag === '!!null'
  return node.type === 'scalar' && node.style === 'plain' && WORDS.get(node.value) === '!!null'
}
