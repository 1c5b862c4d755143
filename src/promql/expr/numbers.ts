/** No number needs more digits; Prometheus would round or refuse it. */
const LONGEST = 500

/** A number as Prometheus reads it: Go's integers (`0x1f`, and `010` is eight), else its floats. Undefined: it is none. */
export function readNumber(text: string): number | undefined {
  if (text.length > LONGEST) return undefined
  const small = text.toLowerCase()
  if (small === 'inf') return Number.POSITIVE_INFINITY
  if (small === 'nan') return Number.NaN
  if (/^0x/.test(small)) return hexadecimal(small)
  if (/^0[0-7]+$/.test(text)) return fitting(BigInt(`0o${text.slice(1)}`)) ?? Number(text)
  const number = /^(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/.test(small) ? Number(small) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

/** Without its 'p' a hexadecimal float is none. */
const hexadecimal = (text: string): number | undefined =>
  /^0x[0-9a-f]+$/.test(text) ? fitting(BigInt(text)) : undefined

const fitting = (value: bigint): number | undefined => (value < 2n ** 63n ? Number(value) : undefined)
