import http from 'node:http'
import type { Duplex } from 'node:stream'
import { connectSsh, type SshConnection, type SshLogin } from '../../shell/ssh-connection.ts'

export interface SshAgentOptions extends SshLogin {
  /** Path of the engine's socket on the host. */
  readonly path: string
  readonly timeoutMs: number
}

type Connected = (error: Error | null, stream: Duplex) => void

/**
 * An HTTP agent whose connections are channels of one pooled SSH connection: to the engine's socket, or, where the
 * host forwards no sockets, to the docker CLI there. Channels are kept and used again.
 */
export class SshAgent extends http.Agent {
  readonly #options: SshAgentOptions
  #connecting: Promise<SshConnection> | undefined
  /** Socket forwarding was refused once: this host wants the CLI. */
  #byCommand = false

  constructor(options: SshAgentOptions) {
    super({ keepAlive: true }) // `maxSockets` does not hold where connections are made asynchronously
    this.#options = options
  }

  override createConnection(_: http.ClientRequestArgs, callback?: Connected): undefined {
    const failed = callback as ((error: Error) => void) | undefined
    this.#open().then(
      (stream) => callback?.(null, asSocket(stream)),
      (error: unknown) => failed?.(error instanceof Error ? error : new Error(String(error))),
    )
  }

  override destroy(): void {
    super.destroy()
    void this.#connecting?.then((connection) => connection.end()).catch(() => undefined)
    this.#connecting = undefined
  }

  async #open(): Promise<Duplex> {
    const connection = await this.#connection()
    if (this.#byCommand) return connection.exec(['docker', 'system', 'dial-stdio'])
    try {
      return await connection.openUnixSocket(this.#options.path)
    } catch (error) {
      if (connection.closed) throw error
      this.#byCommand = true
      return connection.exec(['docker', 'system', 'dial-stdio'])
    }
  }

  /** One login for all; a failed or closed one is forgotten, so that the next request tries again. */
  async #connection(): Promise<SshConnection> {
    const known = await this.#connecting?.catch(() => undefined)
    if (known && !known.closed) return known
    this.#connecting = connectSsh(this.#options, { timeoutMs: this.#options.timeoutMs })
    this.#connecting.catch(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }
}

/** What Node's agent calls on a kept connection, and a channel lacks: SSH keeps the connection below alive. */
function asSocket(stream: Duplex): Duplex {
  const nothing = () => stream
  return Object.assign(stream, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
  })
}
