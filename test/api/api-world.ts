import { createHash } from 'node:crypto'
import { createServer, type Server, type ServerOptions } from '../../src/api/server.ts'
import type { Engine } from '../../src/model/engine.ts'
import type { EngineEvent } from '../../src/model/events.ts'
import type { Log } from '../../src/model/log.ts'
import type { Loop, LoopState } from '../../src/model/loop.ts'
import type { Store } from '../../src/model/store.ts'
import type { Scope } from '../../src/settings/settings.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { faultsOf } from './validate-answer.ts'

interface LoggedLine {
  readonly level: string
  readonly message: string
  readonly [field: string]: unknown
}

/** A log whose lines a test reads. */
function createTestLog(): { readonly log: Log; readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = []
  const withFields = (fixed: object): Log => {
    const at = (level: string) => (fields: object, message: string) =>
      void lines.push({ ...fixed, ...fields, level, message })
    const child = (more: object) => withFields({ ...fixed, ...more })
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child }
  }
  return { log: withFields({}), lines }
}

export const tokenFor = (scope: Scope): string => `${scope}-token-of-the-tests`
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const SCOPES: readonly Scope[] = ['read', 'reconcile', 'spend', 'admin']

export interface ApiWorld {
  readonly server: Server
  readonly url: string
  readonly clock: FakeClock
  readonly store: Store
  readonly lines: LoggedLine[]
  readonly loop: FakeLoop
  /** As a client over a real socket; the token of a scope by its name. */
  ask(path: string, options?: AskOptions): Promise<Response>
  close(): Promise<void>
}

interface AskOptions {
  readonly as?: Scope | 'nobody'
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

interface FakeLoop extends Loop {
  emit(event: EngineEvent): void
  /** What `reconcile` was asked for. */
  readonly asked: Parameters<Loop['reconcile']>[0][]
  readonly listeners: number
  /** `undefined` takes a field away. */
  set(state: { readonly [field in keyof LoopState]?: LoopState[field] | undefined }): void
}

export interface WorldOptions extends Partial<Omit<ServerOptions, 'loop' | 'store' | 'clock' | 'log'>> {
  readonly engine?: Partial<Engine>
  readonly reconcile?: Loop['reconcile']
  readonly store?: Store
}

/** The HTTP surface on loopback, over a loop that answers what the test says. */
export async function apiWorld({ engine = {}, reconcile, ...options }: WorldOptions = {}): Promise<ApiWorld> {
  const clock = createFakeClock()
  const store = options.store ?? createMemoryStore()
  const { log, lines } = createTestLog()
  const loop = fakeLoop(engine, reconcile)
  const settings = {
    install: 'main',
    listen: { at: { host: '127.0.0.1', port: 0 } },
    tokens: SCOPES.map((scope) => ({ name: scope, sha256: sha256(tokenFor(scope)), scopes: [scope] })),
    auditRetentionMs: 90 * 86_400_000,
    pollIntervalMs: 60_000,
  }
  const metrics = { contentType: 'text/plain', text: async () => 'swarmkeeper_up 1\n' }
  const server = await createServer({ version: '1.2.3', settings, metrics, ...options, loop, store, clock, log })
  const url = await server.listen()
  const ask: ApiWorld['ask'] = async (path, { as = 'read', method = 'GET', body, headers = {}, signal } = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(as === 'nobody' ? {} : { authorization: `Bearer ${tokenFor(as)}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    })
    await asDescribed(path, method, answer)
    return answer
  }
  return { server, url, clock, store, lines, loop, ask, close: () => server.close() }
}

/** Every answer that any test gets is one that the OpenAPI document describes. */
async function asDescribed(path: string, method: string, answer: Response): Promise<void> {
  const type = answer.headers.get('content-type') ?? ''
  const body = type.startsWith('text/event-stream') ? '' : await answer.clone().text()
  const faults = faultsOf({ method, path, status: answer.status, type, body })
  if (faults.length > 0) throw new Error(faults.join('\n'))
}

function fakeLoop(engine: Partial<Engine>, reconcile: Loop['reconcile'] | undefined): FakeLoop {
  const listeners = new Set<(event: EngineEvent) => void>()
  const asked: Parameters<Loop['reconcile']>[0][] = []
  let state: LoopState = {
    startedAt: '2026-01-01T00:00:00.000Z',
    firstTickAt: '2026-01-01T00:00:00.000Z',
    sourceAt: '2026-01-01T00:00:00.000Z',
    running: [],
    queued: 0,
    stopping: false,
  }
  return {
    engine: new Proxy(engine as Engine, {
      get: (one, name: keyof Engine & string) => {
        if (name in one) return one[name]
        throw new Error(`the engine was asked for ${name}`)
      },
    }),
    reconcile: async (ask) => {
      asked.push(ask)
      if (!reconcile) throw new Error('a reconcile was asked for')
      return reconcile(ask)
    },
    nudge: () => undefined,
    listen: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    state: () => state,
    emit: (event) => {
      for (const listener of listeners) listener(event)
    },
    asked,
    get listeners() {
      return listeners.size
    },
    set: (next) => {
      state = { ...state, ...next } as LoopState
    },
  }
}
