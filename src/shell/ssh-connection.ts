import type { Duplex } from 'node:stream'
import { Client, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { Sensitive } from '../model/sensitive.ts'
import { algorithmsFor, isSameKey, parseHostKey } from './host-key.ts'
import { quoteWords } from './words.ts'

export interface SshLogin {
  readonly host: string
  readonly port: number
  readonly user: string
  /** Pinned; no other key is accepted, and ssh_config and known_hosts are never read (SEC-20). */
  readonly hostKey: string
  readonly privateKey: Sensitive
  readonly passphrase?: Sensitive
}

export interface SshConnection {
  readonly closed: boolean
  /** A stream to a unix socket on the host (`direct-streamlocal@openssh.com`). Rejects where the host refuses it. */
  openUnixSocket(path: string): Promise<Duplex>
  /** Standard input and output of a command on the host. */
  exec(words: readonly string[]): Promise<Duplex>
  end(): void
}

const KEEPALIVE_MS = 10_000

/** Logs in. Rejects with `TargetUnreachable`, or `TargetMismatch` when another host key is shown. */
export function connectSsh(login: SshLogin, options: { readonly timeoutMs: number }): Promise<SshConnection> {
  const pinned = parseHostKey(login.hostKey)
  const client = new Client()
  const state = { closed: false, wrongKey: false }
  const config: ConnectConfig = {
    host: login.host,
    port: login.port,
    username: login.user,
    privateKey: login.privateKey.reveal(),
    ...(login.passphrase ? { passphrase: login.passphrase.reveal() } : {}),
    readyTimeout: options.timeoutMs,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: 3,
    agentForward: false,
    tryKeyboard: false,
    algorithms: { serverHostKey: [...algorithmsFor(pinned.type)] as ServerHostKeyAlgorithm[] },
    hostVerifier: (key: Buffer) => {
      state.wrongKey = !isSameKey(pinned, key)
      return !state.wrongKey
    },
  }
  return new Promise((resolve, reject) => {
    client.once('ready', () => {
      client.setNoDelay(true)
      resolve(connectionOf(client, state))
    })
    client.on('error', (error) => {
      state.closed = true
      client.end()
      reject(loginError(login, error, state.wrongKey))
    })
    client.on('close', () => {
      state.closed = true
      reject(loginError(login, new Error('the connection was closed'), state.wrongKey))
    })
    client.connect(config)
  })
}

function connectionOf(client: Client, state: { readonly closed: boolean }): SshConnection {
  return {
    get closed() {
      return state.closed
    },
    openUnixSocket: (path) =>
      opened((done) => {
        client.openssh_forwardOutStreamLocal(path, done)
      }),
    exec: (words) =>
      opened((done) => {
        client.exec(quoteWords(words), done)
      }),
    end: () => {
      client.end()
    },
  }
}

type Done = (error: Error | undefined, channel: Duplex) => void

/** The executor turns what ssh2 throws at once (a server that is not OpenSSH) into a rejection as well. */
function opened(open: (done: Done) => void): Promise<Duplex> {
  return new Promise((resolve, reject) => open((error, channel) => (error ? reject(error) : resolve(channel))))
}

function loginError(login: SshLogin, error: Error, wrongKey: boolean): ReconcileError {
  const where = `ssh to ${login.user}@${login.host}:${login.port}`
  if (wrongKey) {
    return new ReconcileError('TargetMismatch', {
      message: `${where}: the host shows another key than the pinned one`,
      todo: 'find out why before you change hostKey: the machine was reinstalled, or somebody stands in between',
      cause: error,
    })
  }
  return new ReconcileError('TargetUnreachable', {
    message: `${where}: ${messageOf(error)}`,
    todo: 'check address, user and key of the credential, and that hostKey has the type that the host offers',
    retryable: true,
    cause: error,
  })
}
