import { parseGoDuration } from '../go/duration.ts'
import { parseGoSize } from '../go/size.ts'
import { splitGoWords } from '../go/words.ts'
import type { ByName, Texts } from '../model.ts'
import { isNumber, printed } from '../yaml/node.ts'
import { at, type Cursor, entries, isNull, items, type Read, refuse } from './cursor.ts'

/** What the schema has let through is read as Go's decoder does, which is stricter in places: a date is no text. */
export const text: Read<string> = (cursor) => {
  const { node } = cursor
  if (isNull(cursor)) return undefined
  if (node.type === 'scalar' && typeof node.value === 'string') return node.value || undefined
  return refuse(cursor, 'expected a text; put it in quotes')
}

export const flag: Read<boolean> = (cursor) => flagOrFalse(cursor) || undefined

/** Where Go holds a pointer: false is not absent. */
export const flagOrFalse: Read<boolean> = (cursor) => {
  const { node } = cursor
  if (isNull(cursor)) return undefined
  if (node.type === 'scalar' && typeof node.value === 'boolean') return node.value
  return refuse(cursor, 'expected true or false')
}

/** Where Go holds a pointer: 0 is not absent. What stands behind a decimal point is cut off. */
export const count: Read<number> = (cursor) => {
  const value = whole(cursor)
  return value !== undefined && value < 0 ? refuse(cursor, `must not be negative, got ${value}`) : value
}

/** Where Go holds 32 bits: what is more is cut off. */
export const count32: Read<number> = (cursor) => {
  const value = count(cursor)
  return value === undefined ? undefined : value % 2 ** 32
}

export const whole: Read<number> = (cursor) => {
  const value = float(cursor)
  // Not -0, which whole numbers of Go are not.
  return value === undefined ? undefined : Math.trunc(value) + 0
}

const float: Read<number> = (cursor) => {
  const { node } = cursor
  if (isNull(cursor)) return undefined
  if (node.type === 'scalar' && isNumber(node.value)) return node.value.number
  return refuse(cursor, 'expected a number')
}

/** The shortest number that is the same in 32 bits, which is what Go prints of it. */
export const float32: Read<number> = (cursor) => {
  const value = Math.fround(float(cursor) ?? 0)
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short || undefined
  }
  return value || undefined
}

export const nonZero =
  (read: Read<number>): Read<number> =>
  (cursor) =>
    read(cursor) || undefined

/** Nanoseconds. */
export const duration: Read<bigint> = (cursor) => {
  const written = text(cursor)
  const value = written === undefined ? undefined : parseGoDuration(written)
  return written !== undefined && value === undefined ? refuse(cursor, `'${written}' is not a duration`) : value
}

export const nonZeroDuration: Read<bigint> = (cursor) => duration(cursor) || undefined

/** Bytes. */
export const size: Read<number> = (cursor) => {
  const { node } = cursor
  if (isNull(cursor)) return undefined
  if (node.type === 'scalar' && isNumber(node.value) && node.value.go === 'int') return node.value.number || undefined
  const written = node.type === 'scalar' && typeof node.value === 'string' ? node.value : undefined
  const bytes = written === undefined ? undefined : parseGoSize(written)
  if (bytes === undefined) return refuse(cursor, `'${written ?? ''}' is not a size like 256M, 1.5GiB or 1024`)
  return bytes || undefined
}

/** Undefined items, which were refused, are left out; an empty list is as absent. */
export const listOf =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (cursor) => {
    const list = someList(read)(cursor)
    return list && list.length > 0 ? list : undefined
  }

/** The same, where an empty list is not absent: a second file is merged into it another way than into none. */
export const someList =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (cursor) => {
    if (isNull(cursor)) return undefined
    if (cursor.node.type !== 'list') return refuse(cursor, 'expected a list')
    return items(cursor).flatMap((item) => read(item) ?? [])
  }

/** Also an empty text is an item. */
const textItem: Read<string> = (cursor) => (isNull(cursor) ? '' : (text(cursor) ?? ''))

export const texts: Read<readonly string[]> = listOf(textItem)

/** One text, or a list. */
export const textOrTexts: Read<readonly string[]> = (cursor) => {
  const { node } = cursor
  return node.type === 'scalar' && typeof node.value === 'string' ? [node.value] : texts(cursor)
}

export const printedTexts: Read<readonly string[]> = listOf((cursor) =>
  cursor.node.type === 'scalar' ? printed(cursor.node.value) : refuse(cursor, 'expected a text or a number'),
)

/** A list, or a text split as a shell does. */
export const command: Read<readonly string[]> = (cursor) => {
  const { node } = cursor
  if (node.type !== 'scalar' || typeof node.value !== 'string') return texts(cursor)
  const words = splitGoWords(node.value)
  if (!words) return refuse(cursor, 'the command has an open quote, or ends with a backslash')
  return words.length > 0 ? words : undefined
}

/** A map of texts and numbers; an empty one is not absent. */
export const textMap: Read<Texts> = (cursor) => {
  if (isNull(cursor)) return undefined
  if (cursor.node.type !== 'map') return refuse(cursor, 'expected a map')
  return Object.fromEntries(entries(cursor).map(([key, value]) => [key, printedValue(value) ?? '']))
}

function printedValue(cursor: Cursor): string | null | undefined {
  if (isNull(cursor)) return null
  return cursor.node.type === 'scalar' ? printed(cursor.node.value) : refuse(cursor, 'expected a text or a number')
}

/** A map, or a list of `KEY=value`; a key alone is null. */
export const variables: Read<ByName<string | null>> = (cursor) => {
  if (isNull(cursor)) return undefined
  if (cursor.node.type === 'map') {
    return notEmpty(Object.fromEntries(entries(cursor).map(([key, value]) => [key, printedValue(value) ?? null])))
  }
  if (cursor.node.type !== 'list') return refuse(cursor, 'expected a map, or a list of texts')
  return notEmpty(Object.fromEntries(items(cursor).map((item) => variable(textItem(item) ?? ''))))
}

function variable(line: string): readonly [string, string | null] {
  const equals = line.indexOf('=')
  return equals < 0 ? [line, null] : [line.slice(0, equals), line.slice(equals + 1)]
}

/** The same where a key alone has an empty value: labels, sysctls. */
export const mapping: Read<Texts> = (cursor) => {
  const map = variables(cursor)
  return map && Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? '']))
}

/**
 * `host:address`, from a map, or from a list of `host=address` and `host:address`; a line with neither is left out, and
 * so are brackets around an address, as in the docker CLI (cli/compose/loader loader.go).
 */
export const hosts: Read<readonly string[]> = (cursor) => {
  const written = cursor.node.type === 'map' ? hostsOfMap(cursor) : (printedTexts(cursor) ?? []).flatMap(hostOfLine)
  const lines = written.map((line) => line.replace(/^([^:]*:)\[([\s\S]+)\]$/, '$1$2'))
  return lines.length > 0 ? lines : undefined
}

function hostsOfMap(cursor: Cursor): readonly string[] {
  const lines = entries(cursor).flatMap(([key, value]) => {
    const address = goAddress(value)
    return address === undefined ? [] : [`${key}:${address}`]
  })
  return lines.sort()
}

function hostOfLine(line: string): readonly string[] {
  if (line.includes('=')) return [line.replace('=', ':')]
  return line.includes(':') ? [line] : []
}

/** A number is no address: Go prints that it is none into it. */
function goAddress({ node }: Cursor): string | undefined {
  if (node.type !== 'scalar' || node.value === null) return undefined
  if (!isNumber(node.value)) return printed(node.value)
  const type = Number(node.value.text) < 2 ** 63 ? 'int' : 'uint64'
  return `%!s(${node.value.go === 'int' ? type : 'float64'}=${node.value.text})`
}

export function notEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined
}

/** Reads a key that every type of `T` has; no other key is looked at. */
export type Fields<T> = { readonly [K in keyof T]-?: Read<NonNullable<T[K]>> }

/** Where Go holds a pointer: an empty map is not absent. */
export const pointerTo =
  <T extends object>(fields: Fields<T>): Read<T> =>
  (cursor) => {
    if (isNull(cursor)) return undefined
    if (cursor.node.type !== 'map') return refuse(cursor, 'expected a map')
    return structOf(cursor, fields)
  }

export const struct =
  <T extends object>(fields: Fields<T>): Read<T> =>
  (cursor) => {
    const value = pointerTo(fields)(cursor)
    return value && notEmpty(value)
  }

function structOf<T extends object>(cursor: Cursor, fields: Fields<T>): T {
  const read = Object.entries<Read<unknown>>(fields).flatMap(([key, field]) => {
    const below = at(cursor, key)
    const value = below && field(below)
    return value === undefined ? [] : [[key, value] as const]
  })
  return Object.fromEntries(read) as T
}

/** What is below every key of a map. */
export const mapOf =
  <T>(read: (cursor: Cursor, key: string) => T | undefined): Read<ByName<T>> =>
  (cursor) => {
    if (isNull(cursor)) return undefined
    if (cursor.node.type !== 'map') return refuse(cursor, 'expected a map')
    const values = entries(cursor).flatMap(([key, value]) => {
      const one = read(value, key)
      return one === undefined ? [] : [[key, one] as const]
    })
    return Object.fromEntries(values)
  }
