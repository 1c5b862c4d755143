import { parseGoFloat } from './float.ts'

const SIZE = /^(.*[0-9.]) ?(?:b|([kmgtp])(?:i?b)?)?$/is
const POWERS: readonly string[] = ['', 'k', 'm', 'g', 't', 'p']

/**
 * Bytes as the docker CLI reads them (docker/go-units RAMInBytes): every unit is a power of 1024, whatever its case.
 * Undefined where it is none.
 */
export function parseGoSize(text: string): number | undefined {
  const [, digits, unit = ''] = SIZE.exec(text) ?? []
  const size = digits === undefined ? undefined : parseGoFloat(digits)
  if (size === undefined || size < 0) return undefined
  const bytes = size * 1024 ** POWERS.indexOf(unit.toLowerCase())
  return Number.isFinite(bytes) ? Math.trunc(bytes) : undefined
}
