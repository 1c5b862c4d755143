import { createHeartbeat, type Heartbeat } from '../chat/heartbeat.ts'
import { createChatSinks } from '../chat/sinks.ts'
import { createGitHub, type GitHubClient } from '../github/create-github.ts'
import { createGitHubSink } from '../github/create-sink.ts'
import type { Clock } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { OutboxEvent } from '../model/message.ts'
import type { Store } from '../model/store.ts'
import { createOutbox, type SendingOutbox } from '../outbox/outbox.ts'
import type { Settings } from '../settings/settings.ts'
import { logMessage } from '../telemetry/log-events.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export interface SayingOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: () => number
  readonly fetch: typeof fetch
  readonly log: Log
  readonly metrics: Pick<Metrics, 'sent'>
  readonly version: string
}

/** Everything that speaks to the outside. */
export interface Saying {
  readonly outbox: SendingOutbox
  readonly github?: GitHubClient
  readonly heartbeat?: Heartbeat
}

export function createSaying(settings: Settings, options: SayingOptions): Saying {
  const { store, clock, random, fetch, log, metrics, version } = options
  const { install, chat, heartbeat } = settings
  const github = settings.github && createGitHub(settings.github, { clock, fetch, version })
  const sinks = [
    ...createChatSinks(chat, { fetch, clock, install }),
    ...(github ? [createGitHubSink({ github, install })] : []),
  ]
  const emit = (event: OutboxEvent): void => {
    logMessage(log, event)
    const state = STATES[event.type]
    if (state) metrics.sent(event.sink, state)
  }
  return {
    outbox: createOutbox({ store, clock, random, sinks, emit }),
    ...(github ? { github } : {}),
    ...(heartbeat ? { heartbeat: createHeartbeat({ ...heartbeat, fetch, clock, onEdge: heartEdge(log) }) } : {}),
  }
}

const STATES: Readonly<Partial<Record<OutboxEvent['type'], 'sent' | 'later' | 'refused'>>> = {
  'message:sent': 'sent',
  'message:later': 'later',
  'message:refused': 'refused',
}

const heartEdge =
  (log: Log) =>
  (failure: string | undefined): void =>
    failure === undefined
      ? log.info({}, 'the heartbeat is heard again')
      : log.warn({}, `the heartbeat fails: ${failure}`)
