const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y
const LARGEST = 2n ** 63n

/**
 * Nanoseconds of a duration as Go writes them (`time.ParseDuration`): `1h30m`, `1.5s`, `-5s`, `0`; there is no day.
 * Undefined where it is none.
 */
export function parseGoDuration(text: string): bigint | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? []
  if (rest === '0') return 0n
  const total = rest.length <= 100 ? sumOf(rest) : undefined
  if (total === undefined) return undefined
  if (sign === '-') return total <= LARGEST ? -total : undefined
  return total < LARGEST ? total : undefined
}

export const isGoDuration = (text: string): boolean => parseGoDuration(text) !== undefined

function sumOf(text: string): bigint | undefined {
  let total = 0n
  let end = 0
  PART.lastIndex = 0
  for (let part = PART.exec(text); part; part = PART.exec(text)) {
    const [, whole = '', fraction = '', unit = ''] = part
    const scale = NANOSECONDS[unit]
    if (scale === undefined || whole + fraction === '') return undefined
    total += BigInt(whole || '0') * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length)
    end = PART.lastIndex
  }
  return end > 0 && end === text.length ? total : undefined
}

/** As Go prints one: `1m30s`, `1h0m0s`, `1.5s`, `500ms`, `0s`. */
export function printGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const sign = nanoseconds < 0n ? '-' : ''
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (size < 1_000_000_000n) return sign + subSecond(size)
  const seconds = size / 1_000_000_000n
  const hours = seconds / 3600n
  const minutes = (seconds / 60n) % 60n
  const rest = decimal(size % 60_000_000_000n, 9)
  return `${sign}${hours > 0n ? `${hours}h` : ''}${hours > 0n || minutes > 0n ? `${minutes}m` : ''}${rest}s`
}

function subSecond(size: bigint): string {
  if (size < 1000n) return `${size}ns`
  return size < 1_000_000n ? `${decimal(size, 3)}µs` : `${decimal(size, 6)}ms`
}

/** A number with a decimal point so many digits from the right, without zeros at the end. */
function decimal(size: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits)
  const fraction = String(size % scale)
    .padStart(digits, '0')
    .replace(/0+$/, '')
  return `${size / scale}${fraction === '' ? '' : `.${fraction}`}`
}
