import { NotTemplate } from './not-template.ts'

const NUMBER =
  /[-+]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][-+]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]*)?)i?/y
const WORD = /[\p{L}\p{Nd}_]/uy

/** Length of a number in a template; whether it is one shows `isNumber`. @throws NotTemplate */
export function numberLength(text: string, from: number): number {
  const end = numberEnd(text, from)
  if (text[end] !== '+' && text[end] !== '-') return end - from
  const complex = numberEnd(text, end)
  if (text[complex - 1] !== 'i') throw badNumber(text, from, complex)
  return complex - from
}

function numberEnd(text: string, from: number): number {
  NUMBER.lastIndex = from
  const end = from + (NUMBER.exec(text)?.[0].length ?? 0)
  WORD.lastIndex = end
  if (WORD.test(text)) throw badNumber(text, from, end + 1)
  return end
}

const badNumber = (text: string, from: number, to: number): NotTemplate =>
  new NotTemplate(from, `'${text.slice(from, to)}' is no number`)

const INTEGER = /^(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)$/
const FLOAT = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/
const HEXADECIMAL_FLOAT =
  /^0[xX](?:(?:_?[0-9a-fA-F])+(?:\.(?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?)?|\.[0-9a-fA-F]+)[pP][-+]?[0-9]+$/

/** What strconv makes of it: an integer that 64 bits hold, or a float. */
export function isNumber(text: string): boolean {
  if (text.length > 500) return false
  const complex = /^(.*[^eEpP])([-+].*i)$/.exec(text)
  if (complex) return isFloat(unsigned(complex[1] ?? '')) && isFloat(unsigned(complex[2] ?? '').slice(0, -1))
  if (text.endsWith('i')) return isFloat(unsigned(text.slice(0, -1)))
  const digits = unsigned(text)
  if (INTEGER.test(digits)) return fits(digits, text.startsWith('-'), text.startsWith('+'))
  return /[.eEpP]/.test(digits) && isFloat(digits)
}

const unsigned = (text: string): string => text.replace(/^[-+]/, '')

function isFloat(text: string): boolean {
  if (HEXADECIMAL_FLOAT.test(text)) return true
  return FLOAT.test(text) && Number.isFinite(Number(text))
}

function fits(digits: string, negative: boolean, positive: boolean): boolean {
  const plain = digits.replaceAll('_', '').toLowerCase()
  const value = BigInt(/^0[0-7]/.test(plain) ? `0o${plain.slice(1)}` : plain)
  // Without a sign it may also be an unsigned one.
  return value <= (negative ? 2n ** 63n : positive ? 2n ** 63n - 1n : 2n ** 64n - 1n)
}
