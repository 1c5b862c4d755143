/** A whole number as Go writes it; in a ratio a 0 at the beginning makes it octal. */
const WHOLE = /^(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/
const DECIMAL = /^([-+]?)([0-9](?:_?[0-9])*)?(?:\.((?:[0-9](?:_?[0-9])*)?))?(?:([eEpP])([-+]?[0-9](?:_?[0-9]){0,3}))?$/
const BASED = /^([-+]?)0([xXbBoO])((?:_?[0-9a-fA-F])*)(?:\.([0-9a-fA-F]*))?(?:[pP]([-+]?[0-9]{1,3}))?$/

/**
 * Billionths of a CPU as the docker CLI reads them (opts.ParseCPUs, Go's big.Rat): `0.5`, `1/2`, `5e-1`, `0x1p-1`. What
 * is wrong with it, where it is none, or is finer than that.
 */
export function parseGoCpus(text: string): number | string {
  const ratio = text.includes('/') ? quotientOf(text) : (basedOf(text) ?? decimalOf(text))
  if (!ratio || ratio.below === 0n) return 'it is not a number'
  const nano = ratio.above * 1_000_000_000n
  return nano % ratio.below === 0n ? Number(nano / ratio.below) : 'it is finer than a billionth'
}

interface Ratio {
  readonly above: bigint
  readonly below: bigint
}

/** `1/2`, with a sign before the first only. */
function quotientOf(text: string): Ratio | undefined {
  const [, sign = '', above = '', below = ''] = /^([-+]?)([^/]*)\/(.*)$/s.exec(text) ?? []
  if (!WHOLE.test(above) || !WHOLE.test(below)) return undefined
  return { above: signed(sign, wholeOf(above)), below: wholeOf(below) }
}

function wholeOf(text: string): bigint {
  const digits = text.replaceAll('_', '').toLowerCase()
  return BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits)
}

/** Behind `e` stands a power of ten, behind `p` one of two. */
function decimalOf(text: string): Ratio | undefined {
  const [, sign, whole = '', fraction = '', letter = 'e', power = '0'] = plain(DECIMAL.exec(text))
  if (sign === undefined || whole + fraction === '') return undefined
  const ten = scaled(signed(sign, BigInt(whole + fraction)), 10n, -fraction.length)
  const by = scaled(1n, letter.toLowerCase() === 'p' ? 2n : 10n, Number(power))
  return { above: ten.above * by.above, below: ten.below * by.below }
}

const BITS: Readonly<Record<string, number>> = { x: 4, o: 3, b: 1 }

function basedOf(text: string): Ratio | undefined {
  const [, sign, prefix = '', whole = '', fraction = '', power = '0'] = plain(BASED.exec(text))
  const digits = `0${prefix.toLowerCase()}${whole}${fraction}`
  if (sign === undefined || whole + fraction === '' || !WHOLE.test(digits)) return undefined
  const bits = BITS[prefix.toLowerCase()] ?? 0
  return scaled(signed(sign, BigInt(digits)), 2n, Number(power) - bits * fraction.length)
}

const plain = (match: readonly (string | undefined)[] | null): readonly (string | undefined)[] =>
  (match ?? []).map((group) => group?.replaceAll('_', ''))

const signed = (sign: string, size: bigint): bigint => (sign === '-' ? -size : size)

const scaled = (value: bigint, base: bigint, power: number): Ratio => ({
  above: value * base ** BigInt(Math.max(power, 0)),
  below: base ** BigInt(Math.max(-power, 0)),
})
