const UNITS = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/

/** Milliseconds of y, w, d, h, m, s and ms, in the order in which they may be written. */
const MILLISECONDS = [31_536_000_000n, 604_800_000n, 86_400_000n, 3_600_000n, 60_000n, 1000n, 1n]

/** Prometheus counts nanoseconds in 64 bits: about 292 years. */
const LONGEST = (2n ** 63n - 1n) / 1_000_000n

/** Milliseconds of a duration as Prometheus writes it (`1d2h`, `90s`; no fractions), or why it is none. */
export function readDuration(text: string): { readonly ms: number } | { readonly refused: string } {
  if (text === '0') return { ms: 0 }
  if (text.length > 200) return { refused: 'the duration is too long' }
  if (text === '') return { refused: 'a duration is missing' }
  const parts = UNITS.exec(text)
  if (!parts)
    return { refused: `'${text}' is no duration of Prometheus: whole numbers with y, w, d, h, m, s, ms in this order` }
  let total = 0n
  for (const [index, unit] of MILLISECONDS.entries()) total += BigInt(parts[index + 1] ?? 0) * unit
  return total > LONGEST ? { refused: `the duration '${text}' is too long` } : { ms: Number(total) }
}
