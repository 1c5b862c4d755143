import type { Duplex } from 'node:stream'
import { ReconcileError } from '../../../model/error.ts'
import type { Sensitive } from '../../../model/sensitive.ts'
import type { CallOptions } from '../../../model/target.ts'
import type { Shell } from '../../../shell/shell.ts'
import { CARRIER, FIND_PYTHON } from './carrier.ts'

/** Where the supervisord of a host is, and its files. */
export interface Supervisor {
  /** Its main file. */
  readonly config: string
  /** The folder that its `[include]` reads. */
  readonly programs: string
  /** `unix:///path`, or an http address as seen from the host. */
  readonly server: string
  readonly login?: { readonly username: string; readonly password: Sensitive }
}

/** As Debian's package has it. */
export const DEFAULT_SUPERVISOR: Supervisor = {
  config: '/etc/supervisor/supervisord.conf',
  programs: '/etc/supervisor/conf.d',
  server: 'unix:///var/run/supervisor.sock',
}

export interface Reaching {
  readonly shell: Shell
  readonly supervisor: Supervisor
}

/** Undefined: it answers at an address. */
export const socketOf = ({ server }: Supervisor): string | undefined =>
  server.startsWith('unix://') ? server.slice('unix://'.length) : undefined

/**
 * A connection to supervisord. Its socket is forwarded where the user of the login may open it; sshd forwards as no other
 * user, so where it is root's alone, what becomes root carries the bytes.
 */
export async function reachSupervisord({ shell, supervisor }: Reaching, options: CallOptions): Promise<Duplex> {
  const socket = socketOf(supervisor)
  if (socket === undefined) return shell.openTcp(addressOf(supervisor), options)
  try {
    return await shell.openUnixSocket(socket, options)
  } catch (error) {
    const mayBeRoots = error instanceof ReconcileError && error.reason === 'TargetRefused' && shell.root
    if (!mayBeRoots) throw error
  }
  return shell.stream(['sh', '-c', `${FIND_PYTHON}exec $python -c "$1" "$2"`, 'sh', CARRIER, socket], options)
}

export function addressOf({ server }: Supervisor): { readonly host: string; readonly port: number } {
  const { protocol, hostname, port } = new URL(server)
  if (protocol === 'http:') return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) }
  throw new ReconcileError('TargetRefused', { message: `supervisord has no TLS of its own: ${server}` })
}

/** As a header of HTTP. */
export function authorizationOf({ login }: Supervisor): readonly string[] {
  if (!login) return []
  const pair = `${login.username}:${login.password.revealText()}`
  return [`Authorization: Basic ${Buffer.from(pair).toString('base64')}`]
}
