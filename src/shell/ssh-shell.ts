import type { Duplex } from 'node:stream'
import type { Clock } from '../model/clock.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { CallOptions } from '../model/target.ts'
import { type Become, mayBeSudo, rootRefused, sudoWords, wrapWords } from './become.ts'
import { describe, nameOf } from './describe.ts'
import { endWith } from './end-with.ts'
import { DEFAULT_TIMEOUT_MS, gather, type Running } from './gather.ts'
import { openSession } from './open-session.ts'
import type { Ran, RunOptions, Shell } from './shell.ts'
import type { Slots } from './slots.ts'
import type { SshConnection } from './ssh-connection.ts'
import type { SshLink } from './ssh-link.ts'

export interface SshShellParts {
  readonly where: string
  readonly user: string
  readonly become: Become
  readonly link: SshLink
  /** Of the host, for its commands. */
  readonly slots: Slots
  readonly clock: Clock
  readonly dispose: () => void
}

export function createSshShell({ where, user, become, link, slots, clock, dispose }: SshShellParts): Shell {
  const sudo = become === 'sudo' && user !== 'root'

  const runOnce = async (words: readonly string[], options: RunOptions & { readonly sudo: boolean }): Promise<Ran> => {
    const what = describe(where, words)
    const give = await slots.take(options)
    try {
      const sent = wrapWords(words, { sudo: options.sudo, timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS })
      const open = (connection: SshConnection) => connection.start(sent)
      const running = await openSession(link, { what: nameOf(words), open, clock, signal: options.signal })
      return await gather(lostIsUnreachable(running, what), options, { clock, what })
    } finally {
      give()
    }
  }
  const run = async (words: readonly string[], options: RunOptions): Promise<Ran> => {
    const asRoot = sudo && options.become !== false
    const ran = await runOnce(words, { ...options, sudo: asRoot })
    if (!asRoot || !mayBeSudo(ran)) return ran
    const asked = await runOnce(['true'], { signal: options.signal, sudo: true })
    if (asked.code !== 0) throw rootRefused(where, asked)
    return ran
  }
  const stream = async (words: readonly string[], options: CallOptions): Promise<Duplex> => {
    const give = await slots.take(options)
    try {
      const open = (connection: SshConnection) => connection.exec([...sudoWords(sudo), ...words])
      const opened = await openSession(link, { what: nameOf(words), open, clock, signal: options.signal })
      opened.once('close', give)
      return endWith(opened, options.signal)
    } catch (error) {
      give()
      throw error
    }
  }
  return {
    where,
    root: sudo || user === 'root',
    run,
    stream,
    openUnixSocket: async (path, options) =>
      endWith(await link.open(path, (connection) => connection.openUnixSocket(path), options), options.signal),
    openTcp: async (address, options) => {
      const what = `${address.host}:${address.port}`
      return endWith(await link.open(what, (connection) => connection.openTcp(address), options), options.signal)
    },
    dispose: async () => dispose(),
  }
}

function lostIsUnreachable(running: Running, what: string): Running {
  const ended = running.ended.catch((error: unknown) => {
    throw new ReconcileError('TargetUnreachable', {
      message: `${what}: ${messageOf(error)} while it ran; whether it came to its end is unknown`,
      retryable: true,
      cause: error,
    })
  })
  ended.catch(() => {})
  return { ...running, ended }
}
