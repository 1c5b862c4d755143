import type { Duplex } from 'node:stream'
import type { Clock } from '../model/clock.ts'
import type { CallOptions } from '../model/target.ts'
import type { Running } from './gather.ts'
import type { SshConnection } from './ssh-connection.ts'
import type { SshLink } from './ssh-link.ts'

/** RFC 4254, 5.1: SSH_OPEN_CONNECT_FAILED, what sshd answers beyond its MaxSessions, and SSH_OPEN_RESOURCE_SHORTAGE. */
const FOR_NOW: ReadonlySet<unknown> = new Set([2, 4])
const SHORTEST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 200
/** sshd opens one at once, also where it is busy. */
const SILENT_MS = 10_000
/** About twelve seconds. */
const TRIES = 60

export interface Opening<T> extends CallOptions {
  readonly what: string
  readonly open: (connection: SshConnection) => Promise<T>
  readonly clock: Clock
}

/**
 * A session for a command. sshd counts one that has ended until it next tidies up, and others may hold some on hosts with
 * a small MaxSessions: refused for that, nothing was begun, and it is tried again.
 */
export async function openSession<T extends Running | Duplex>(link: SshLink, opening: Opening<T>): Promise<T> {
  const { what, open, clock, signal } = opening
  for (let tried = 0; ; tried += 1) {
    try {
      return await link.open(what, open, { signal, withinMs: SILENT_MS })
    } catch (error) {
      if (tried === TRIES || !isForNow(error)) throw error
      await clock.sleep(Math.min(SHORTEST_PAUSE_MS * 2 ** tried, LONGEST_PAUSE_MS), { signal })
    }
  }
}

function isForNow(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'reason' in cause && FOR_NOW.has(cause.reason)
}
