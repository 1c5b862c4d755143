/** `digits / 10^scale`: money as it was written, never a float. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

export const ZERO: Decimal = { digits: 0n, scale: 0 }

// One way to read each text: linear time. What no API writes (a hundred digits) is no number to us.
const DECIMAL = /^([+-]?)(\d{1,30})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,5}))?$/
/** Beyond this an amount is nonsense, or nothing. */
const FARTHEST = 60

/** Of `123.45`, `-0.5`, `1e-7`, `0E-6176` (as Python prints a zero). Undefined: it is none, or far from any amount. */
export function parseDecimal(text: string): Decimal | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text.trim()) ?? []
  if (sign === undefined) return undefined
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n)
  if (digits === 0n) return ZERO
  const scale = fraction.length - Number(exponent)
  if (Math.abs(scale) > FARTHEST) return undefined
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { digits: atScale(a, scale) + atScale(b, scale), scale }
}

const atScale = ({ digits, scale }: Decimal, wanted: number): bigint => digits * 10n ** BigInt(wanted - scale)

/**
 * As a whole number of `10^-places`, rounded up: what was spent is never made less. Undefined where a number cannot hold it.
 */
export function scaled({ digits, scale }: Decimal, places: number): number | undefined {
  const shift = places - scale
  const whole = shift >= 0 ? digits * 10n ** BigInt(shift) : ceilDivide(digits, 10n ** BigInt(-shift))
  const number = Number(whole)
  return Number.isSafeInteger(number) ? number : undefined
}

const ceilDivide = (a: bigint, b: bigint): bigint => a / b + (a > 0n && a % b !== 0n ? 1n : 0n)
