import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Clock } from '../model/clock.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { Become } from './become.ts'
import type { Shell } from './shell.ts'
import { createSlots, type Slots } from './slots.ts'
import { connectSsh } from './ssh-connection.ts'
import { createLink, type SshLink } from './ssh-link.ts'
import { type SshLogin, whereOf } from './ssh-login.ts'
import { createSshShell } from './ssh-shell.ts'

export interface SshAccess extends SshLogin {
  readonly become: Become
  /** The host through which this one is reached; that one may have a jump of its own. */
  readonly jump?: SshJump
}

interface SshJump extends SshLogin {
  readonly jump?: SshJump
}

export interface SshPoolOptions {
  readonly clock: Clock
  readonly random: () => number
  /** For a login; default 10 s. */
  readonly timeoutMs?: number
  /** Commands of one host that run at a time; default 5: sshd allows ten, with those that have just ended. */
  readonly sessions?: number
}

/** All SSH connections of the process: one per host and login, shared by all who talk to it, jumps included. */
export interface SshPool {
  /** Opens nothing yet. Disposing the last shell of a host ends its connection. */
  shell(access: SshAccess): Shell
}

interface Host {
  readonly link: SshLink
  readonly slots: Slots
  users: number
  readonly leave: () => void
}

export function createSshPool(options: SshPoolOptions): SshPool {
  const { timeoutMs = 10_000, sessions = 5, clock, random } = options
  const hosts = new Map<string, Host>()

  const host = (login: SshJump): Host => {
    const key = keyOf(login)
    const known = hosts.get(key)
    if (known) return known
    const made = open(login, () => hosts.delete(key))
    hosts.set(key, made)
    return made
  }
  const open = (login: SshJump, forget: () => void): Host => {
    const { jump } = login
    let over: Host | undefined
    const connect = async () => {
      if (!jump) return connectSsh(login, { timeoutMs })
      over ??= join(host(jump))
      return connectSsh(login, { timeoutMs, through: await throughJump(over.link, { login, jump, timeoutMs }) })
    }
    const link = createLink({ where: whereOf(login), connect, clock, random })
    const made: Host = {
      link,
      slots: createSlots(sessions),
      users: 0,
      leave: () => {
        made.users -= 1
        if (made.users > 0) return
        forget()
        link.end()
        over?.leave()
      },
    }
    return made
  }
  return {
    shell: (access) => {
      const { link, slots, leave } = join(host(access))
      let used = true
      const dispose = () => {
        if (used) leave()
        used = false
      }
      const { user, become } = access
      return createSshShell({ where: whereOf(access), user, become, link, slots, clock, dispose })
    },
  }
}

function join(host: Host): Host {
  host.users += 1
  return host
}

interface Hop {
  readonly login: SshLogin
  readonly jump: SshLogin
  readonly timeoutMs: number
}

/** What keeps a jump from reaching the host keeps us from it; what keeps us from the jump stays what it is. */
async function throughJump(link: SshLink, { login, jump, timeoutMs }: Hop): Promise<Duplex> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    return await link.open(whereOf(login), (connection) => connection.openTcp(login), { signal })
  } catch (error) {
    if (error instanceof ReconcileError && error.reason !== 'TargetRefused') throw error
    throw new ReconcileError('TargetUnreachable', {
      message: `ssh to ${whereOf(login)} through ${whereOf(jump)}: ${messageOf(error)}`,
      retryable: true,
      cause: error,
    })
  }
}

/** Who logs in where, with what and by which way: only the very same share a connection. */
function keyOf({ host, port, user, hostKey, privateKey, agent, jump }: SshJump): string {
  const secret = privateKey && createHash('sha256').update(privateKey.reveal()).digest('hex')
  return JSON.stringify([host, port, user, hostKey, secret, agent, jump && keyOf(jump)])
}
