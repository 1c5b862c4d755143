import type { Duplex } from 'node:stream'
import type { Clock } from '../model/clock.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { CallOptions } from '../model/target.ts'
import { abortable } from './abortable.ts'
import { createCircuit } from './circuit.ts'
import type { Running } from './gather.ts'
import type { SshConnection } from './ssh-connection.ts'

/** The one connection to a host: made when it is first needed, kept, and made again when it was lost. */
export interface SshLink {
  /** Rejects with the signal's reason for this caller alone; the others go on waiting for the same login. */
  connection(options: CallOptions): Promise<SshConnection>
  /**
   * Opens a channel. A connection that turns out to be dead is replaced once: nothing was begun on it. Otherwise
   * rejects with `TargetRefused`.
   */
  open<T extends Running | Duplex>(
    what: string,
    open: (connection: SshConnection) => Promise<T>,
    options: CallOptions,
  ): Promise<T>
  end(): void
}

export interface LinkOptions {
  readonly where: string
  readonly connect: () => Promise<SshConnection>
  readonly clock: Clock
  readonly random: () => number
}

export function createLink({ where, connect, clock, random }: LinkOptions): SshLink {
  const circuit = createCircuit({ clock, random })
  let connecting: Promise<SshConnection> | undefined
  let known: SshConnection | undefined
  let ended = false

  const login = async (): Promise<SshConnection> => {
    try {
      const made = await circuit.try(connect)
      if (ended) made.end()
      else known = made
      return made
    } finally {
      connecting = undefined
    }
  }
  const connection = async ({ signal }: CallOptions): Promise<SshConnection> => {
    signal.throwIfAborted()
    if (ended) throw new ReconcileError('Aborted', { message: `${where}: no longer used` })
    if (known && !known.closed) return known
    connecting ??= login()
    return abortable(connecting, signal)
  }
  return {
    connection,
    async open(what, open, options) {
      const first = await connection(options)
      try {
        return await abortable(open(first), options.signal, discard)
      } catch (error) {
        if (error instanceof TypeError || options.signal.aborted) throw error
        if (!first.closed) throw refused(`${where}: ${what}`, error)
      }
      const second = await connection(options)
      return abortable(open(second), options.signal, discard).catch((error: unknown) => {
        throw options.signal.aborted || error instanceof TypeError ? error : refused(`${where}: ${what}`, error)
      })
    },
    end: () => {
      ended = true
      known?.end()
    },
  }
}

/** A channel that nobody waits for any more would keep its session on the host. */
function discard(opened: Running | Duplex): void {
  if ('kill' in opened) opened.kill()
  else opened.destroy()
}

function refused(what: string, error: unknown): ReconcileError {
  return new ReconcileError('TargetRefused', { message: `${what}: ${messageOf(error)}`, retryable: true, cause: error })
}
