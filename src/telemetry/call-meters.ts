import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../model/clock.ts'
import type { Outbox } from '../model/message.ts'

/** A call of ours to somebody else. */
export interface OutgoingCall {
  /** `github`, `discord`, `slack`, `webhook`, `heartbeat` */
  readonly api: string
  /** `GET /repos/{owner}/{repo}/pulls`: a pattern, never a path. */
  readonly operation: string
  /** Of the answer; 0 where none came. */
  readonly status: number
  readonly ms?: number
}

export interface RateLimit {
  readonly api: string
  /** `core`, `graphql` */
  readonly resource: string
  readonly remaining: number
}

/** What is said to others, and asked of us. */
export function callMeters(registry: Registry, clock: Pick<Clock, 'now'>) {
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter<L>({ name: `swarmkeeper_${name}`, help, labelNames, registers })
  const calls = counter('api_calls_total', 'Calls to other APIs; status 0: no answer.', ['api', 'operation', 'status'])
  const requests = counter('http_requests_total', 'Requests to our HTTP surface.', ['route', 'method', 'status'])
  const messages = counter('outbox_messages_total', 'Tries to send a message.', ['sink', 'state'])
  const seconds = new Histogram({
    name: 'swarmkeeper_api_call_duration_seconds',
    help: 'How long other APIs took to answer.',
    labelNames: ['api'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  const remaining = new Gauge({
    name: 'swarmkeeper_api_rate_limit_remaining',
    help: 'Calls that are left until the limit is set back.',
    labelNames: ['api', 'resource'],
    registers,
  })
  return {
    called: ({ api, operation, status, ms }: OutgoingCall): void => {
      calls.inc({ api, operation, status: String(status) })
      if (ms !== undefined) seconds.observe({ api }, ms / 1000)
    },
    rateLimit: ({ api, resource, remaining: left }: RateLimit): void => remaining.set({ api, resource }, left),
    sent: (sink: string, state: 'sent' | 'later' | 'refused'): void => messages.inc({ sink, state }),
    requested: ({
      route,
      method,
      status,
    }: {
      readonly route: string
      readonly method: string
      readonly status: number
    }) => requests.inc({ route, method, status: String(status) }),
    watchOutbox: (outbox: Pick<Outbox, 'depth' | 'oldest'>): void => watchOutbox(registers, outbox, clock),
  }
}

function watchOutbox(registers: Registry[], outbox: Pick<Outbox, 'depth' | 'oldest'>, clock: Pick<Clock, 'now'>): void {
  new Gauge({
    name: 'swarmkeeper_outbox_depth',
    help: 'Messages that wait to be sent.',
    registers,
    collect() {
      this.set(outbox.depth())
    },
  })
  new Gauge({
    name: 'swarmkeeper_outbox_oldest_age_seconds',
    help: 'How long the oldest message waits; 0: none does.',
    registers,
    collect() {
      const oldest = outbox.oldest()
      this.set(oldest === undefined ? 0 : Math.max(clock.now().getTime() - Date.parse(oldest), 0) / 1000)
    },
  })
}
