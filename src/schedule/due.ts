import type { AppState } from '../model/app-state.ts'

/** So that what is due is over when it is looked at. */
const AFTER_MS = 50

/** Milliseconds until the first bake or suspension ends, at most `most`. What is past already is seen at the interval. */
export function dueWithin(apps: readonly AppState[], now: Date, most: number): number {
  const times = apps.flatMap(({ attempt, suspension }) => [
    ...(attempt?.phase === 'baking' && attempt.bakeUntil ? [attempt.bakeUntil] : []),
    ...(suspension ? [suspension.until] : []),
  ])
  const left = times.map((time) => Date.parse(time) - now.getTime() + AFTER_MS).filter((ms) => ms > AFTER_MS)
  return Math.min(most, ...left)
}
