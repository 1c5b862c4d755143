const SIZE = /^\+?((?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?) ?(?:b|([kmgtp])(?:i?b)?)?$/i
const POWERS: readonly string[] = ['', 'k', 'm', 'g', 't', 'p']

/**
 * Bytes as the docker CLI reads them (docker/go-units RAMInBytes): every unit is a power of 1024, whatever its case.
 * Undefined where it is none.
 */
export function parseGoSize(text: string): number | undefined {
  const [, digits, unit = ''] = SIZE.exec(text) ?? []
  const bytes = digits === undefined ? Number.NaN : Number(digits) * 1024 ** POWERS.indexOf(unit.toLowerCase())
  return Number.isFinite(bytes) ? Math.trunc(bytes) : undefined
}
