import { NormalizeProblem } from '../model/kind.ts'

/** Generations of secrets and configs: `<name>_<12 hex>`, for they are immutable (swarm.md 13; architecture, rule 22). */
const HEX = 12
const LONGEST = 64

/** @throws NormalizeProblem when the live name would not fit */
export function generationName(name: string, mac: string): string {
  const room = LONGEST - HEX - 1
  if (name.length <= room) return `${name}_${mac.slice(0, HEX)}`
  throw new NormalizeProblem(
    '/name',
    `the name has ${name.length} characters; ${room} fit, for the live name ends in _<${HEX} hex>`,
  )
}

/** The name that all generations share. */
export function generationOf(liveName: string): string {
  return liveName.replace(/_[0-9a-f]{12}$/, '')
}

/** Both are refused by Swarm (swarm.md 13). */
export function checkSize(
  size: number,
  at: { readonly pointer: string; readonly kind: string; readonly limit: number },
): void {
  if (size === 0) throw new NormalizeProblem(at.pointer, `the content is empty: Swarm takes no empty ${at.kind}`)
  if (size <= at.limit) return
  throw new NormalizeProblem(at.pointer, `the content has ${size} bytes; Swarm takes ${at.limit} for a ${at.kind}`)
}

export const SECRET_LIMIT = 500 * 1024
export const CONFIG_LIMIT = 1000 * 1024
