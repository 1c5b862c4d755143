import type { Maybe } from './wire.ts'

/** A number that Go prints as 0 where it means "not set". */
export const whole = (value: Maybe<number>): number | undefined => value || undefined

export const milliseconds = (nanoseconds: Maybe<number>): number | undefined =>
  nanoseconds === null || nanoseconds === undefined ? undefined : nanoseconds / 1e6

export const nanoseconds = (ms: number): number => Math.round(ms * 1e6)

/** File modes as people write them: `0444`. */
export const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

export const fromOctal = (mode: string): number => Number.parseInt(mode, 8)

/** Every field may be undefined; what is, goes. */
export type Loose<T> = { readonly [K in keyof T]: T[K] | undefined }

/** Without the fields that are undefined: absent and undefined must mean the same (swarm.md 12). */
export function compact<T extends object>(value: Loose<T>): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}

/** Go prints bytes as base64. */
export const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

export const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
