import { strip as stripSigns, stripEnd as stripSignsAtEnd } from '../../../lib/strip.ts'

/** A mistake that supervisord would stop at, with its own words: Python's `ValueError`. */
export class PythonError extends Error {
  override readonly name = 'PythonError'
}

const WHITESPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const SPACE = new RegExp(`[${WHITESPACE}]`)

/** `str.strip()`: another idea of white space than JavaScript's. */
export const strip = (text: string): string => stripSigns(text, isSpace)

export const stripEnd = (text: string): string => stripSignsAtEnd(text, isSpace)

export const isSpace = (character: string | undefined): boolean => character !== undefined && SPACE.test(character)

/** Where the first character that is no white space stands; -1: there is none. */
export const firstNonSpace = (text: string): number => [...text].findIndex((character) => !isSpace(character))

/** `str.split()` without arguments. */
export const splitSpace = (text: string): readonly string[] =>
  strip(text)
    .split(new RegExp(`[${WHITESPACE}]+`))
    .filter((word) => word !== '')

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** `repr()` of a text. */
export function repr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inner = [...text].map((character) => {
    if (character === quote) return `\\${character}`
    return ESCAPES[character] ?? (isPrintable(character) ? character : escaped(character.codePointAt(0) ?? 0))
  })
  return `${quote}${inner.join('')}${quote}`
}

const isPrintable = (character: string): boolean => character === ' ' || !/[\p{C}\p{Z}]/u.test(character)

function escaped(code: number): string {
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** `int(text, base)`. @throws PythonError in Python's words */
export function toInt(text: string, base: 8 | 10 = 10): number {
  const pattern = base === 10 ? /^[+-]?\d+(_\d+)*$/ : /^[+-]?(0[oO]_?)?[0-7]+(_[0-7]+)*$/
  const stripped = strip(text)
  if (!pattern.test(stripped)) throw new PythonError(`invalid literal for int() with base ${base}: ${repr(text)}`)
  const digits = stripped.replaceAll('_', '').replace(/^([+-]?)0[oO]/, '$1')
  return Number.parseInt(digits, base)
}

type Formatted = string | number

/** What a format may name. */
export interface Names {
  get(name: string): Formatted | undefined
  /** For the message that a name is not among them. */
  all(): readonly string[]
}

/** `text % names` of supervisor options.py `expand`. @throws PythonError in supervisord's words */
export function expandFormat(text: string, names: Names, label: string): string {
  try {
    return format(text, names)
  } catch (error) {
    if (error instanceof MissingName) {
      throw new PythonError(
        `Format string ${repr(text)} for ${repr(label)} contains names (${repr(error.message)}) which cannot be expanded. ` +
          `Available names: ${[...names.all()].sort().join(', ')}`,
      )
    }
    if (!(error instanceof PythonError)) throw error
    throw new PythonError(`Format string ${repr(text)} for ${repr(label)} is badly formatted: ${error.message}`)
  }
}

class MissingName extends Error {}

/** `%(name)` with flags, width, precision and type (Python's "printf-style formatting"). */
function format(text: string, names: Names): string {
  let out = ''
  // As CPython keeps it: all names at first, then what was named last; each is taken once.
  let argument: Formatted | Dict | undefined = dictOf(names)
  for (let at = 0; at < text.length; ) {
    const percent = text.indexOf('%', at)
    if (percent === -1) return out + text.slice(at)
    out += text.slice(at, percent)
    at = percent + 1
    if (text[at] === '(') {
      const end = closing(text, at)
      const name = text.slice(at + 1, end)
      argument = names.get(name)
      if (argument === undefined) throw new MissingName(name)
      at = end + 1
    }
    const [spec = '', flags = '', width = '', , precision] =
      /^([-+ #0]*)(\d*)(\.(\d*))?[hlL]?/.exec(text.slice(at)) ?? []
    at += spec.length
    const type = text[at]
    if (type === undefined) throw new PythonError('incomplete format')
    if (type === '%') {
      out += '%'
      at++
      continue
    }
    if (argument === undefined) throw new PythonError('not enough arguments for format string')
    if (type === '*') throw new PythonError('* wants int')
    if (!'diouxXeEfFgGcrsa'.includes(type)) throw new PythonError(unsupported(type, at))
    out += converted(type, argument, { flags, width: Number(width), precision })
    argument = undefined
    at++
  }
  return out
}

/** All names at once, where none is given: nobody means it, and supervisord takes it. */
interface Dict {
  readonly dict: string
}

function dictOf(names: Names): Dict {
  const items = names.all().map((name) => {
    const value = names.get(name) ?? ''
    return `${repr(name)}: ${typeof value === 'number' ? value : repr(value)}`
  })
  return { dict: `{${items.join(', ')}}` }
}

function closing(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at
  }
  throw new PythonError('incomplete format key')
}

function unsupported(type: string, at: number): string {
  const shown = type > ' ' && type < '\x7f' ? type : '?'
  return `unsupported format character '${shown}' (0x${(type.codePointAt(0) ?? 0).toString(16)}) at index ${at}`
}

interface Spec {
  readonly flags: string
  readonly width: number
  readonly precision: string | undefined
}

function converted(type: string, value: Formatted | Dict, spec: Spec): string {
  if ('rsa'.includes(type)) return padded(textOf(type, value, spec), spec, ' ')
  const kind = typeof value === 'object' ? 'dict' : 'str'
  if (typeof value !== 'number') {
    if (type === 'c' && typeof value === 'string' && [...value].length === 1) return padded(value, spec, ' ')
    if (type === 'c') throw new PythonError('%c requires int or char')
    if ('diu'.includes(type)) throw new PythonError(`%${type} format: a real number is required, not ${kind}`)
    if ('oxX'.includes(type)) throw new PythonError(`%${type} format: an integer is required, not ${kind}`)
    throw new PythonError(`must be real number, not ${kind}`)
  }
  return number(type, value, spec)
}

function textOf(type: string, value: Formatted | Dict, { precision }: Spec): string {
  const plain = typeof value === 'object' ? value.dict : String(value)
  const text = type === 's' || typeof value !== 'string' ? plain : repr(value)
  return precision === undefined ? text : text.slice(0, Number(precision))
}

const BASES: Readonly<Record<string, number>> = { o: 8, x: 16, X: 16 }

function number(type: string, value: number, spec: Spec): string {
  const { flags, precision } = spec
  const magnitude = Math.abs(value)
  const digits =
    type === 'c'
      ? String.fromCodePoint(value)
      : 'eEfFgG'.includes(type)
        ? floating(type, magnitude, precision)
        : magnitude.toString(BASES[type] ?? 10).padStart(Number(precision ?? 0), '0')
  const upper = type === 'X' ? digits.toUpperCase() : digits
  const sign = value < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const prefix = flags.includes('#') && 'oxX'.includes(type) ? `0${type}` : ''
  const zero = flags.includes('0') && !flags.includes('-') && type !== 'c'
  if (zero) return sign + prefix + upper.padStart(spec.width - sign.length - prefix.length, '0')
  return padded(sign + prefix + upper, spec, ' ')
}

function floating(type: string, value: number, precision: string | undefined): string {
  const places = precision === undefined ? 6 : Number(precision)
  if ('fF'.includes(type)) return value.toFixed(places)
  const text = 'gG'.includes(type)
    ? String(Number(value.toPrecision(Math.max(places, 1))))
    : value.toExponential(places)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

const padded = (text: string, { flags, width }: Spec, fill: string): string =>
  flags.includes('-') ? text.padEnd(width, fill) : text.padStart(width, fill)
