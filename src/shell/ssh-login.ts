import type { ConnectConfig } from 'ssh2'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { Sensitive } from '../model/sensitive.ts'
import { fingerprintOf, parseHostKey } from './host-key.ts'
import { problemOfKey } from './ssh-key.ts'

export interface SshLogin {
  readonly host: string
  readonly port: number
  readonly user: string
  /** Pinned; no other key is accepted, and ssh_config and known_hosts are never read (SEC-20). */
  readonly hostKey: string
  readonly privateKey?: Sensitive
  readonly passphrase?: Sensitive
  /** Path of the socket of an ssh-agent, which then holds the key. */
  readonly agent?: string
}

/** `deploy@10.0.0.11:22` */
export function whereOf({ user, host, port }: SshLogin): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** How ssh2 is told to log in. Nothing has a default: an empty user or host would be somebody (SEC-26). */
export function authentication(
  login: SshLogin,
): Pick<ConnectConfig, 'privateKey' | 'passphrase' | 'agent' | 'authHandler'> {
  for (const field of ['host', 'user'] as const) {
    if (!/^[^\s\p{Cc}-][^\s\p{Cc}]*$/u.test(login[field])) throw invalid(login, `'${login[field]}' is no ${field}`)
  }
  if (login.privateKey === undefined && !login.agent) throw invalid(login, 'there is neither a key nor an agent')
  return { ...keyOf(login), ...(login.agent ? { agent: login.agent, authHandler: handlers(login, 'agent') } : {}) }
}

function keyOf(login: SshLogin): Pick<ConnectConfig, 'privateKey' | 'passphrase' | 'authHandler'> {
  const { privateKey, passphrase } = login
  if (privateKey === undefined) return {}
  const problem = problemOfKey(privateKey, passphrase)
  if (problem !== undefined) throw invalid(login, `the private key cannot be used: ${problem}`)
  return {
    privateKey: privateKey.reveal(),
    ...(passphrase ? { passphrase: passphrase.reveal() } : {}),
    authHandler: handlers(login),
  }
}

/** Without the question which methods there are: it costs a round trip and counts as a failed try. */
function handlers({ privateKey }: SshLogin, ...more: readonly 'agent'[]): ('publickey' | 'agent')[] {
  return [...(privateKey ? (['publickey'] as const) : []), ...more]
}

function invalid(login: SshLogin, what: string): ReconcileError {
  return new ReconcileError('InvalidSettings', { message: `ssh to ${whereOf(login)}: ${what}` })
}

export interface LoginFailure {
  readonly error: Error & { readonly level?: string }
  /** The host showed this key instead of the pinned one. */
  readonly shown?: Buffer | undefined
}

export function loginError(login: SshLogin, { error, shown }: LoginFailure): ReconcileError {
  const where = `ssh to ${whereOf(login)}`
  if (shown !== undefined || offersOtherType(error)) return otherKey(login, { error, shown })
  if (error.level === 'client-authentication' || error.level === 'agent') {
    return new ReconcileError('LoginRefused', {
      message: `${where}: the host accepts no key that we have: ${messageOf(error)}`,
      retryable: true, // mended there, without a commit
      cause: error,
    })
  }
  return new ReconcileError('TargetUnreachable', {
    message: `${where}: ${messageOf(error)}`,
    todo: 'check that the host runs, its address and port, and the network in between',
    retryable: true,
    cause: error,
  })
}

function otherKey(login: SshLogin, { error, shown }: LoginFailure): ReconcileError {
  const pinned = fingerprintOf(parseHostKey(login.hostKey).key)
  const what = shown ? `the host shows ${fingerprintOf(shown)}` : 'the host shows no key of this type'
  return new ReconcileError('TargetMismatch', {
    message: `ssh to ${whereOf(login)}: ${what}, and pinned is ${pinned}; nothing was sent`,
    todo: TODO,
    cause: error,
  })
}

const TODO =
  'find out why before you change hostKey: the machine was installed again, or somebody stands in between. Compare with what ' +
  'it prints on its own console: `for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done`'

/** ssh2 gives this failure no code of its own. */
export function offersOtherType({ level, message }: LoginFailure['error']): boolean {
  return level === 'handshake' && message.includes('no matching host key format')
}
