const DECIMAL = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d{1,3}))?$/
const RATIO = /^([-+]?\d+)\/(\d+)$/

/**
 * Billionths of a CPU as the docker CLI reads them (opts.ParseCPUs): `0.5`, `1/2`, `5e-1`. What is wrong with it, where
 * it is none, or is finer than that.
 */
export function parseGoCpus(text: string): number | string {
  const ratio = ratioOf(text)
  if (!ratio || ratio.below === 0n) return 'it is not a number'
  const nano = ratio.above * 1_000_000_000n
  return nano % ratio.below === 0n ? Number(nano / ratio.below) : 'it is finer than a billionth'
}

interface Ratio {
  readonly above: bigint
  readonly below: bigint
}

function ratioOf(text: string): Ratio | undefined {
  const ratio = RATIO.exec(text)
  if (ratio) return { above: BigInt(ratio[1]?.replace('+', '') ?? 0), below: BigInt(ratio[2] ?? 0) }
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? []
  if (sign === undefined || whole + fraction === '') return undefined
  const digits = BigInt(whole + fraction)
  const power = Number(exponent) - fraction.length
  const above = (sign === '-' ? -digits : digits) * 10n ** BigInt(Math.max(power, 0))
  return { above, below: 10n ** BigInt(Math.max(-power, 0)) }
}
