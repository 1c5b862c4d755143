import type { FastifyInstance } from 'fastify'
import type { Clock } from '../model/clock.ts'
import type { Loop, LoopState } from '../model/loop.ts'
import type { Store } from '../model/store.ts'

export interface HealthOptions {
  readonly loop: Pick<Loop, 'state'>
  readonly store: Pick<Store, 'shelf'>
  readonly clock: Clock
  readonly pollIntervalMs: number
}

export interface Readiness {
  readonly ready: boolean
  /** `ok`, or why not: of what was looked at, in words that name nothing of the fleet. */
  readonly checks: Readonly<Record<'tick' | 'database' | 'source', string>>
}

/** Both are asked often, by whoever comes along: neither observes anything, and neither says what is kept. */
export function healthRoutes(server: FastifyInstance, options: HealthOptions): void {
  server.get('/healthz', { exposeHeadRoute: true }, (_request, reply) => reply.send({ status: 'ok' }))
  const readiness = createReadiness(options)
  server.get('/readyz', { exposeHeadRoute: true }, (_request, reply) => {
    const found = readiness()
    return reply.code(found.ready ? 200 : 503).send(found)
  })
}

/** A repository that did not answer for so many poll intervals is not within limits. */
const SOURCE_INTERVALS = 10
const SOURCE_LEAST_MS = 60_000
/** A write costs the disk a turn: however often it is asked, the database is tried no oftener. */
const PROBE_EVERY_MS = 5_000

export function createReadiness({ loop, store, clock, pollIntervalMs }: HealthOptions): () => Readiness {
  const database = createProbe(store, clock)
  return () => {
    const state = loop.state()
    const { sourceAt } = state
    const limit = Math.max(SOURCE_INTERVALS * pollIntervalMs, SOURCE_LEAST_MS)
    const age = sourceAt === undefined ? undefined : clock.now().getTime() - Date.parse(sourceAt)
    const checks = {
      tick: tickWords(state),
      database: database(),
      source:
        age === undefined
          ? 'the repository has not answered yet'
          : age > limit
            ? `the repository has not answered for ${Math.round(age / 1000)} s`
            : 'ok',
    }
    return { ready: Object.values(checks).every((check) => check === 'ok'), checks }
  }
}

function tickWords({ firstTickAt, stopping, failure }: LoopState): string {
  if (stopping) return 'stopping'
  if (firstTickAt === undefined) return 'the first tick is not done'
  return failure === undefined ? 'ok' : 'the last look failed; the log says why'
}

/** Writable is what has been written. */
function createProbe(store: HealthOptions['store'], clock: Clock): () => string {
  let last: { readonly at: number; readonly found: string } | undefined
  const probe = (): string => {
    try {
      const at = clock.now().toISOString()
      store.shelf<string>('probe').put('readyz', at, at)
      return 'ok'
    } catch {
      return 'the database cannot be written'
    }
  }
  return () => {
    const now = clock.monotonic()
    if (last === undefined || now - last.at >= PROBE_EVERY_MS) last = { at: now, found: probe() }
    return last.found
  }
}
