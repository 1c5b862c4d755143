import type { GoNumber } from './node.ts'

const INTEGER = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const DOT_FLOAT = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/

const LARGEST = 2n ** 64n - 1n
const LARGEST_SIGNED = 2n ** 63n - 1n

/**
 * A number as go-yaml v3 reads it where there are no quotes: underscores are dropped, a leading 0 is octal (`0440` is
 * 288), what is too large for 64 bits becomes a float. Undefined where it is a text.
 */
export function readNumber(text: string): GoNumber | undefined {
  if (text.startsWith('.')) return DOT_FLOAT.test(text) ? floatOf(Number(text.replaceAll('_', ''))) : undefined
  if (!/^[-+0-9]/.test(text)) return undefined
  const plain = text.replaceAll('_', '')
  return readInteger(plain) ?? (FLOAT.test(plain) ? floatOf(Number(plain)) : undefined)
}

function readInteger(plain: string): GoNumber | undefined {
  const [, sign, digits = ''] = INTEGER.exec(plain) ?? []
  if (sign === undefined) return undefined
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase())
  const value = sign === '-' ? -size : size
  const fits = sign === '' ? size <= LARGEST : value >= -LARGEST_SIGNED - 1n && value <= LARGEST_SIGNED
  return fits ? { go: 'int', number: Number(value), text: String(value) } : undefined
}

/** What no float of 64 bits can hold stays a text. */
export function floatOf(number: number): GoNumber | undefined {
  return Number.isFinite(number) ? { go: 'float', number, text: printFloat(number) } : undefined
}

/** `strconv.FormatFloat(x, 'g', -1, 64)`: the shortest digits, with an exponent below 1e-4 and from 1e+06 on. */
function printFloat(number: number): string {
  if (number === 0) return Object.is(number, -0) ? '-0' : '0'
  const [digits = '', exponent = ''] = number.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 21 && power < 6) return number.toFixed(fractionDigits(digits, power))
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

const fractionDigits = (digits: string, power: number): number =>
  Math.max(0, digits.replace('-', '').replace('.', '').length - 1 - power)
