import type { Duplex } from 'node:stream'
import type { Sensitive } from '../model/sensitive.ts'
import type { CallOptions } from '../model/target.ts'

/** What goes to a command's standard input; secrets travel here and never in words, which everybody can list. */
export type Input = string | Uint8Array | Sensitive

export interface RunOptions extends CallOptions {
  readonly stdin?: Input
  /** Default a minute. */
  readonly timeoutMs?: number
  /** The most that it may print, default 4 MiB; of what it says on stderr the end is kept. */
  readonly maxBytes?: number
  /** False: as the user of the login, where the shell would become root. */
  readonly become?: boolean
}

/** What a command left behind: an exit code that is not zero is an answer, too. */
export interface Ran {
  /** Undefined where a signal ended it. */
  readonly code: number | undefined
  readonly signal: string | undefined
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/**
 * Runs commands on one machine.
 *
 * Rejections: `TargetUnreachable` (no connection, or lost on the way: then what the command did is unknown),
 * `TargetMismatch` (another host key), `LoginRefused`, `RootRefused` (sudo), `TimedOut`, `TargetRefused` (it prints too
 * much), and the signal's reason. A command that nobody waits for any more is ended on its machine by timeout(1).
 */
export interface Shell {
  /** `deploy@10.0.0.11:22`, `this machine`: for messages. */
  readonly where: string
  /** Commands run as root, as far as it is declared: whether sudo agrees is seen when one does. */
  readonly root: boolean
  /** Words reach the program byte by byte; what cannot (NUL, half a surrogate pair, 128 KiB) throws `TypeError`. */
  run(words: readonly string[], options: RunOptions): Promise<Ran>
  /** Standard input and output of a command, for as long as the signal says. */
  stream(words: readonly string[], options: CallOptions): Promise<Duplex>
  /** To a unix socket there, as the user of the login. */
  openUnixSocket(path: string, options: CallOptions): Promise<Duplex>
  /** To a port, as seen from there. */
  openTcp(address: { readonly host: string; readonly port: number }, options: CallOptions): Promise<Duplex>
  dispose(): Promise<void>
}
