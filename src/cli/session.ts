import type { AskOptions, Engine } from '../model/engine.ts'
import type { Paint } from '../report/paint.ts'
import type { CliContext } from './context.ts'
import { type GlobalOptions, paintFor } from './print.ts'
import { createProgress } from './progress.ts'

/** What a command that asks the engine works with. */
export interface Session {
  readonly engine: Engine
  readonly ask: AskOptions
  readonly paint: Paint
}

/** Opens the engine, shows its progress, and closes it whatever happens. */
export async function withEngine<T>(
  context: CliContext,
  options: GlobalOptions & { readonly quiet?: boolean },
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const progress = createProgress(context.err, paintFor(context.err, options))
  const emit = options.quiet ? () => undefined : progress.emit
  const engine = await context.openEngine({ settings: options.config, emit })
  try {
    const ask = { signal: context.signal, by: context.by }
    return await body({ engine, ask, paint: paintFor(context.out, options) })
  } finally {
    progress.done()
    await engine.dispose()
  }
}
