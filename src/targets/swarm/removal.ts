import { EngineError, isNotFound } from './engine-error.ts'
import type { WriteContext } from './writer.ts'

/** Tasks are torn down after their service is gone, for as long as their grace period: until then things are in use. */
const PATIENCE_MS = 20_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 2_000

/**
 * Removes an object, tried again while it is in use (400, and 403 of a network with endpoints; swarm.md 8, 15). What
 * is not there is removed. When patience ends the refusal is thrown: it stays `retiring`, and the next tick tries.
 */
export async function removeWhenUnused(path: string, context: WriteContext): Promise<void> {
  const { connection, clock } = context
  const deadline = clock.monotonic() + PATIENCE_MS
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      await connection.write({ method: 'DELETE', path })
      return
    } catch (error) {
      if (isNotFound(error)) return
      if (!isInUse(error) || clock.monotonic() + pause > deadline) throw error
    }
    await clock.sleep(pause, { signal: context.signal })
  }
}

const isInUse = (error: unknown): boolean =>
  error instanceof EngineError && (error.status === 400 || error.status === 403)

/** Asks until `isGone` says so. Resolves with false when patience ends first. */
export async function waitUntil(
  isGone: () => Promise<boolean>,
  context: WriteContext,
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  const { clock, signal } = context
  const deadline = clock.monotonic() + patienceMs
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (await isGone()) return true
    if (clock.monotonic() + pause > deadline) return false
    await clock.sleep(pause, { signal })
  }
}

export async function exists(path: string, context: WriteContext): Promise<boolean> {
  try {
    await context.connection.get(path, context.signal)
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
