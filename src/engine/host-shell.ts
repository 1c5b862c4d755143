import { normalizeHost } from '../kinds/host/normalize.ts'
import type { HostSpec } from '../kinds/host/spec.ts'
import type { Clock } from '../model/clock.ts'
import type { DesiredTarget } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import type { Host } from '../model/written/host.ts'
import type { Settings } from '../settings/settings.ts'
import { createLocalShell } from '../shell/local-shell.ts'
import type { Shell } from '../shell/shell.ts'
import type { SshLogin } from '../shell/ssh-login.ts'
import type { SshPool } from '../shell/ssh-pool.ts'
import type { Supervisor } from '../targets/host/supervisord/reach.ts'
import { sshCredential, supervisordLogin } from './credentials.ts'

export interface ShellContext {
  readonly settings: Settings
  readonly clock: Clock
  readonly pool: SshPool
  /** User id of this process. */
  readonly uid: number
}

/**
 * How a declared host is reached: by SSH, through as many hosts as its `jump` says, or as the machine itself.
 * @throws ReconcileError `InvalidSettings`: no credential, one that may not be used there, or a machine that is not open to it
 */
export function shellOf(declared: DesiredTarget, all: readonly DesiredTarget[], context: ShellContext): Shell {
  const { become, connection } = specOf(declared)
  if (connection.type === 'ssh') {
    return context.pool.shell({ ...loginOf(connection, all, context), become })
  }
  const { settings, clock, uid } = context
  if (settings.allowLocal) return createLocalShell({ clock, become, uid })
  throw new ReconcileError('InvalidSettings', {
    message: `the repository declares this machine as the host '${declared.name}', and the settings do not allow that`,
    todo: 'set `allowLocal: true`: whoever can merge then rules this machine, with the key and the credentials on it',
  })
}

/** Where the supervisord of a declared host is, and what it asks for. @throws ReconcileError `InvalidSettings` */
export function supervisorOf(declared: DesiredTarget, settings: Pick<Settings, 'credentials'>): Supervisor {
  const { connection, supervisor } = specOf(declared)
  const { credential, ...place } = supervisor
  if (credential === undefined) return place
  const at = connection.type === 'ssh' ? `${bracketed(connection.address)}:${connection.port}` : 'localhost'
  const login = supervisordLogin(settings, credential, at)
  return { ...place, ...(login ? { login } : {}) }
}

const specOf = ({ config }: DesiredTarget): HostSpec => normalizeHost(config as Host)

type Remote = Extract<HostSpec['connection'], { readonly type: 'ssh' }>
type Login = SshLogin & { readonly jump?: Login }

/** The credential is released for each host on the way by the operator's own list of addresses. */
function loginOf(connection: Remote, all: readonly DesiredTarget[], context: ShellContext): Login {
  const { address, port, user, hostKey, credential, jump } = connection
  const key = sshCredential(context.settings, credential, `${bracketed(address)}:${port}`)
  const over = all.find((target) => target.name === jump)
  const way = over && specOf(over).connection
  return {
    host: address,
    port,
    user,
    hostKey,
    ...key,
    ...(way?.type === 'ssh' && { jump: loginOf(way, all, context) }),
  }
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)
