import type { Clock } from '../model/clock.ts'
import type { Desired } from '../model/desired.ts'
import type { Engine } from '../model/engine.ts'
import type { Emit } from '../model/events.ts'
import type { Sensitive } from '../model/sensitive.ts'
import type { Snapshot } from '../model/source.ts'
import type { Promtool } from './promtool.ts'
import type { DaemonAddress } from './remote/http.ts'

/** Everything that a command may touch. Made in main.ts, or by a test. */
export interface CliContext {
  readonly version: string
  readonly cwd: string
  /** Who asks, for the history. */
  readonly by: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly out: Output
  readonly err: Output
  /** The daemon that the settings name (`client`), or the environment; settings that cannot be read name none. */
  daemonOf(settings: string | undefined): DaemonAddress | undefined
  /** For `--remote`, from SWARMKEEPER_CLIENT_TOKEN. */
  readonly remoteToken?: Sensitive
  openEngine(options: { readonly settings: string | undefined; readonly emit: Emit }): Promise<Engine>
  /** The daemon, whose `run` ends after the signal. */
  openDaemon(options: { readonly settings: string | undefined; readonly logFormat: 'json' | 'text' }): Promise<{
    run(signal: AbortSignal): Promise<void>
  }>
  /** What a folder declares, without the operator's settings: secrets of the settings count as there. */
  renderOffline(snapshot: Snapshot): Promise<Desired>
  /** For `validate`; undefined: it is not asked. */
  readonly promtool?: Promtool
  randomBytes(count: number): Buffer
}

export interface Output {
  /** Somebody looks at it: lines that are written over are welcome. */
  readonly isTerminal: boolean
  readonly colours: boolean
  /** How wide a terminal is: a line that is written over must not wrap. */
  readonly columns?: number
  write(text: string): void
}
