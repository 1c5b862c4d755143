import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CliContext } from '../../src/cli/context.ts'
import { runCli } from '../../src/cli/program.ts'
import type { Promtool } from '../../src/cli/promtool.ts'
import type { DaemonAddress } from '../../src/cli/remote/http.ts'
import { createRender } from '../../src/engine/render.ts'
import type { Engine } from '../../src/model/engine.ts'
import type { Emit } from '../../src/model/events.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { createFakeClock } from '../support/fake-clock.ts'

export interface Typed {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface CliOptions {
  /** What the engine answers; whatever else is asked is a failure of the test. */
  readonly engine?: Partial<Engine> | ((emit: Emit) => Partial<Engine>)
  /** The daemon that the settings name. */
  readonly daemon?: DaemonAddress
  readonly cwd?: string
  readonly isTerminal?: boolean
  readonly signal?: AbortSignal
  /** Nobody turns the clock: it jumps. */
  readonly auto?: boolean
  readonly promtool?: Promtool
}

const render = createRender({ key: new Sensitive(Buffer.alloc(32)), secrets: new Map() })

/** Types a command line and gives what came out. */
export async function type(args: readonly string[], options: CliOptions = {}): Promise<Typed> {
  const written = { out: '', err: '' }
  const output = (to: 'out' | 'err') => ({
    isTerminal: options.isTerminal ?? false,
    colours: false,
    write: (text: string) => {
      written[to] += text
    },
  })
  const context: CliContext = {
    version: '1.2.3',
    cwd: options.cwd ?? '/nowhere',
    by: 'ana@desk',
    clock: createFakeClock(options.auto ? { auto: true } : {}),
    signal: options.signal ?? new AbortController().signal,
    out: output('out'),
    err: output('err'),
    daemonOf: () => options.daemon,
    openEngine: async ({ emit }) => engineOf(options.engine, emit),
    openDaemon: async () => ({ run: async () => {} }),
    renderOffline: (snapshot) => render(snapshot),
    ...(options.promtool && { promtool: options.promtool }),
    randomBytes: (count) => Buffer.from(Array.from({ length: count }, (_, index) => (index * 37 + 11) % 256)),
  }
  const code = await runCli(args, context)
  return { code, ...written }
}

function engineOf(given: CliOptions['engine'], emit: Emit): Engine {
  const answers = typeof given === 'function' ? given(emit) : (given ?? {})
  const asked: Partial<Engine> = { dispose: async () => undefined, ...answers }
  return new Proxy(asked as Engine, {
    get: (engine, name: keyof Engine & string) => {
      // Asked by `await`, which asks everything.
      if (name in engine || (name as string) === 'then') return engine[name]
      throw new Error(`the engine was asked for ${name}`)
    },
  })
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'swarmkeeper-cli-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
