import type { Collaborators } from './engine.ts'

const BACKOFF_MS = 10_000
const MAX_BACKOFF_MS = 600_000

/** ISO time before which it is not tried again, after so many failures in a row: doubled each time, with jitter. */
export function backoffUntil(failures: number, { clock, random }: Pick<Collaborators, 'clock' | 'random'>): string {
  const ms = Math.min(BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS) * (0.5 + random() / 2)
  return new Date(clock.now().getTime() + ms).toISOString()
}
