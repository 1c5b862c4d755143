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
   * rejects with `TargetRefused`. Where the host says nothing `withinMs`, its connection is dead without knowing it:
   * `TargetUnreachable`.
   */
  open<T extends Running | Duplex>(
    what: string,
    open: (connection: SshConnection) => Promise<T>,
    options: CallOptions & { readonly withinMs?: number },
  ): Promise<T>
  end(): void
}

export interface LinkOptions {
  readonly where: string
  readonly connect: () => Promise<SshConnection>
  readonly clock: Clock
  readonly random: () => number
}

/** So long a host that did not answer the last time is waited for, where a host that is well takes a fraction of it. */
const GRACE_MS = 1_500

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
  /** The try goes on: who comes after it was successful finds the host again. */
  const orDoubt = async (login: Promise<SshConnection>, doubt: ReconcileError): Promise<SshConnection> => {
    const over = new AbortController()
    const late = clock.sleep(GRACE_MS, over).then(() => Promise.reject(doubt))
    return Promise.race([login, late]).finally(() => over.abort())
  }
  const connection = async ({ signal }: CallOptions): Promise<SshConnection> => {
    signal.throwIfAborted()
    if (ended) throw new ReconcileError('Aborted', { message: `${where}: no longer used` })
    if (known && !known.closed) return known
    const doubt = circuit.doubt()
    connecting ??= login()
    return abortable(doubt ? orDoubt(connecting, doubt) : connecting, signal)
  }
  const openOn = async <T extends Running | Duplex>(first: SshConnection, { what, open, options }: Opening<T>) => {
    const { signal, withinMs } = options
    const opening = open(first)
    if (withinMs === undefined) return abortable(opening, signal, discard)
    const over = new AbortController()
    const silence = clock.sleep(withinMs, over).then(() => {
      const error = silent(`${where}: ${what}`, withinMs)
      opening.then(discard, () => {})
      if (known === first) circuit.fail(error)
      first.drop()
      throw error
    })
    return abortable(Promise.race([opening, silence]), signal, discard).finally(() => over.abort())
  }
  return {
    connection,
    async open(what, open, options) {
      const opening = { what, open, options }
      const first = await connection(options)
      try {
        return await openOn(first, opening)
      } catch (error) {
        if (error instanceof TypeError || error instanceof ReconcileError || options.signal.aborted) throw error
        if (!first.closed) throw refused(`${where}: ${what}`, error)
      }
      const second = await connection(options)
      return openOn(second, opening).catch((error: unknown) => {
        const known = error instanceof TypeError || error instanceof ReconcileError || options.signal.aborted
        throw known ? error : refused(`${where}: ${what}`, error)
      })
    },
    end: () => {
      ended = true
      known?.end()
    },
  }
}

interface Opening<T> {
  readonly what: string
  readonly open: (connection: SshConnection) => Promise<T>
  readonly options: CallOptions & { readonly withinMs?: number }
}

function silent(what: string, withinMs: number): ReconcileError {
  return new ReconcileError('TargetUnreachable', {
    message: `${what}: the host did not answer within ${withinMs / 1000} s; whether it began is unknown`,
    retryable: true,
  })
}

/** A channel that nobody waits for any more would keep its session on the host. */
function discard(opened: Running | Duplex): void {
  if ('kill' in opened) opened.kill()
  else opened.destroy()
}

function refused(what: string, error: unknown): ReconcileError {
  return new ReconcileError('TargetRefused', { message: `${what}: ${messageOf(error)}`, retryable: true, cause: error })
}
