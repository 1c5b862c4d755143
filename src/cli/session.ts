import type { AskOptions, Engine } from '../model/engine.ts'
import { ReconcileError } from '../model/error.ts'
import type { Emit } from '../model/events.ts'
import type { Paint } from '../report/paint.ts'
import type { CliContext } from './context.ts'
import { type GlobalOptions, paintFor } from './print.ts'
import { createProgress } from './progress.ts'
import { daemonFor } from './remote/daemon-for.ts'
import { createRemoteEngine, type RemoteEngine } from './remote/engine.ts'

/** What a command that asks the engine works with. */
export interface Session {
  readonly engine: Engine
  readonly ask: AskOptions
  readonly paint: Paint
}

type SessionOptions = GlobalOptions & { readonly quiet?: boolean }

/** Opens the engine of this machine, shows its progress, and closes it whatever happens. */
export const withEngine = <T>(
  context: CliContext,
  options: SessionOptions,
  body: (session: Session) => Promise<T>,
): Promise<T> => inSession(context, options, (emit) => context.openEngine({ settings: options.config, emit }), body)

/** The same with the engine of a running daemon, where `--remote` or the settings name one. */
export function withDaemon<T>(
  context: CliContext,
  options: SessionOptions,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const daemon = daemonFor(context, options)
  if (!daemon) return withEngine(context, options, body)
  return inSession(context, options, async (emit) => createRemoteEngine({ ...daemon, emit }), body)
}

/** Only with a daemon. */
export function withRemote<T>(
  context: CliContext,
  options: SessionOptions,
  body: (session: Session & { readonly engine: RemoteEngine }) => Promise<T>,
): Promise<T> {
  const daemon = daemonFor(context, { ...options, local: false })
  if (!daemon) throw noDaemon()
  return inSession(context, options, async (emit) => createRemoteEngine({ ...daemon, emit }), body)
}

const noDaemon = (): ReconcileError =>
  new ReconcileError('Usage', {
    message: 'no daemon is named',
    todo: 'put `client: {url: ..., token: ...}` into the settings, or add --remote URL; `swarmkeeper apply` needs none',
  })

async function inSession<E extends Engine, T>(
  context: CliContext,
  options: SessionOptions,
  open: (emit: Emit) => Promise<E>,
  body: (session: Session & { readonly engine: E }) => Promise<T>,
): Promise<T> {
  const progress = createProgress(context.err, paintFor(context.err, options))
  const engine = await open(options.quiet ? () => undefined : progress.emit)
  try {
    const ask = { signal: context.signal, by: context.by }
    return await body({ engine, ask, paint: paintFor(context.out, options) })
  } finally {
    progress.done()
    await engine.dispose()
  }
}
