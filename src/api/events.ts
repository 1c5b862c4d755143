import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { EngineEvent } from '../model/events.ts'
import type { Log } from '../model/log.ts'
import type { Loop } from '../model/loop.ts'
import { eventJson } from '../report/wire.ts'
import type { ApiLimits } from './limits.ts'
import type { Route } from './route.ts'

export interface EventOptions {
  readonly loop: Loop
  readonly clock: Clock
  readonly log: Log
  readonly limits: ApiLimits
  readonly stop: AbortSignal
}

/** Server-sent events (WHATWG HTML, 9.2): `event: change`, `data:` an object with `type`. From now on; nothing is replayed. */
export const eventRoute = {
  method: 'GET',
  path: '/events',
  operation: 'streamEvents',
  summary: 'What happens, as it happens, as server-sent events. A client that falls behind is let go.',
  scope: 'read',
  query: { app: { type: 'string', minLength: 1, maxLength: 500, description: 'What concerns this app, or all.' } },
  answer: 'Event',
  handler: (options: EventOptions) => {
    const open = new Set<FastifyReply>()
    return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      if (open.size >= options.limits.streams) throw tooMany(reply)
      open.add(reply)
      reply.raw.once('close', () => open.delete(reply))
      stream(reply, (request.query as { readonly app?: string }).app, options)
    }
  },
} as const satisfies Omit<Route, 'answerTo'> & { readonly handler: unknown }

function tooMany(reply: FastifyReply): Error {
  reply.header('retry-after', 10)
  return Object.assign(
    new ReconcileError('Usage', { message: 'too many streams of events are open', retryable: true }),
    {
      statusCode: 503,
    },
  )
}

function stream(reply: FastifyReply, app: string | undefined, { loop, clock, log, limits, stop }: EventOptions): void {
  reply.hijack()
  const { raw } = reply
  const ended = new AbortController()
  const write = (text: string): void => {
    if (raw.writableLength > limits.streamLagBytes) {
      log.warn({ waiting: raw.writableLength }, 'a client of the event stream does not read: it is let go')
      raw.destroy()
    } else raw.write(text)
  }
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    connection: 'close',
  })
  const unlisten = loop.listen((event) => {
    if (concerns(event, app)) write(`event: ${event.type}\ndata: ${JSON.stringify(eventJson(event))}\n\n`)
  })
  const end = (): void => void raw.end()
  stop.addEventListener('abort', end, { once: true })
  raw.once('close', () => {
    unlisten()
    stop.removeEventListener('abort', end)
    ended.abort()
  })
  write(': what happens from now on\n\n')
  void beat(clock, limits.streamBeatMs, () => write(': still here\n\n'), ended.signal)
}

const concerns = (event: EngineEvent, app: string | undefined): boolean =>
  app === undefined || !('app' in event) || event.app === app

/** A comment now and then: proxies keep the connection, and a client knows that it is not dead. */
async function beat(clock: Clock, everyMs: number, say: () => void, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(everyMs, { signal })
      say()
    }
  } catch {
    // The client has gone.
  }
}
