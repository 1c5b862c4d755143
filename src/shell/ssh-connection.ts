import type { Duplex } from 'node:stream'
import { Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2'
import type { Running } from './gather.ts'
import { ALL_ALGORITHMS, algorithmsFor, isSameKey, parseHostKey } from './host-key.ts'
import { authentication, loginError, offersOtherType, type SshLogin } from './ssh-login.ts'
import { quoteWords } from './words.ts'

export type { SshLogin }

export interface SshConnection {
  readonly closed: boolean
  /** A stream to a unix socket on the host (`direct-streamlocal@openssh.com`). Rejects where the host refuses it. */
  openUnixSocket(path: string): Promise<Duplex>
  /** A stream to a port, as the host sees it (`direct-tcpip`). */
  openTcp(address: { readonly host: string; readonly port: number }): Promise<Duplex>
  /** Standard input and output of a command on the host. */
  exec(words: readonly string[]): Promise<Duplex>
  /** A command on the host with all that belongs to it. */
  start(words: readonly string[]): Promise<Running>
  end(): void
  /** Ends it without a word: nobody hears it. */
  drop(): void
}

export interface ConnectOptions {
  readonly timeoutMs: number
  /** A stream that leads there, through another host. */
  readonly through?: Duplex
}

const KEEPALIVE_MS = 5_000

/**
 * Logs in. Rejects with `TargetUnreachable`, `LoginRefused`, `TargetMismatch` when another host key is shown, or
 * `InvalidSettings`.
 */
export async function connectSsh(login: SshLogin, options: ConnectOptions): Promise<SshConnection> {
  const pinned = parseHostKey(login.hostKey)
  const client = new Client()
  const state: State = { closed: false }
  const config: ConnectConfig = {
    host: login.host,
    port: login.port,
    username: login.user,
    ...authentication(login),
    ...(options.through ? { sock: options.through } : {}),
    readyTimeout: options.timeoutMs,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: 3,
    agentForward: false,
    tryKeyboard: false,
    algorithms: { serverHostKey: [...algorithmsFor(pinned.type)] as ServerHostKeyAlgorithm[] },
    hostVerifier: (key: Buffer) => {
      if (isSameKey(pinned, key)) return true
      state.shown = key
      return false
    },
  }
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      if (state.closed) return // what comes after the first failure is its consequence
      state.closed = true
      const { shown } = state
      if (shown || options.through || !offersOtherType(error)) reject(loginError(login, { error, shown }))
      else void shownKey(login, options).then((other) => reject(loginError(login, { error, shown: other })))
    }
    client.once('ready', () => {
      client.setNoDelay(true)
      resolve(connectionOf(client, state))
    })
    client.on('error', (error) => {
      failed(error)
      client.end()
    })
    client.on('close', () => failed(new Error('the connection was closed')))
    client.connect(config)
  })
}

interface State {
  closed: boolean
  /** Not the pinned key. */
  shown?: Buffer
}

/** Which key a host shows that has none of the pinned type: for the message alone, nothing is sent to it. */
function shownKey({ host, port, user }: SshLogin, { timeoutMs }: ConnectOptions): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const client = new Client()
    client.on('error', () => resolve(undefined))
    client.on('close', () => resolve(undefined))
    client.connect({
      ...{ host, port, username: user, readyTimeout: timeoutMs, authHandler: [] },
      algorithms: { serverHostKey: [...ALL_ALGORITHMS] as ServerHostKeyAlgorithm[] },
      hostVerifier: (key: Buffer) => {
        resolve(key)
        return false
      },
    })
  })
}

function connectionOf(client: Client, state: State): SshConnection {
  return {
    get closed() {
      return state.closed
    },
    openUnixSocket: (path) =>
      opened((done) => {
        client.openssh_forwardOutStreamLocal(path, done)
      }),
    openTcp: ({ host, port }) =>
      opened((done) => {
        client.forwardOut('127.0.0.1', 0, host, port, done)
      }),
    exec: (words) =>
      opened((done) => {
        client.exec(quoteWords(words), done)
      }),
    start: (words) =>
      new Promise((resolve, reject) => {
        // Listened to at once: the end of a short command may stand in the same packet as its beginning.
        client.exec(quoteWords(words), (error, channel) => (error ? reject(error) : resolve(runningOf(channel))))
      }),
    end: () => {
      state.closed = true
      client.end()
    },
    drop: () => {
      state.closed = true
      client.destroy()
    },
  }
}

type Done = (error: Error | undefined, channel: Duplex) => void

/** The executor turns what ssh2 throws at once (a server that is not OpenSSH) into a rejection as well. */
function opened(open: (done: Done) => void): Promise<Duplex> {
  return new Promise((resolve, reject) => open((error, channel) => (error ? reject(error) : resolve(channel))))
}

function runningOf(channel: ClientChannel): Running {
  let end: { readonly code: number | undefined; readonly signal: string | undefined } | undefined
  channel.on('exit', (code: number | null, signal?: string) => {
    end = { code: code ?? undefined, signal: code === null ? signal : undefined }
  })
  const ended = new Promise<NonNullable<typeof end>>((resolve, reject) => {
    // after all that it printed was read
    channel.on('close', () => (end ? resolve(end) : reject(new Error('the connection was lost'))))
  })
  ended.catch(() => {})
  return { stdin: channel, stdout: channel, stderr: channel.stderr, ended, kill: () => void channel.destroy() }
}
