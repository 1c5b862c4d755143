import { createAnnouncer } from './announce/announcer.ts'
import { createServer } from './api/server.ts'
import type { AppOptions } from './app.ts'
import { createHeartbeat } from './chat/heartbeat.ts'
import { routesFor } from './chat/routes.ts'
import { createChatSinks } from './chat/sinks.ts'
import { examineReports } from './daemon/examine-reports.ts'
import { withGitHub } from './daemon/github-meters.ts'
import { webhooksOf } from './daemon/webhooks.ts'
import { createStores } from './engine/stores.ts'
import type { View } from './engine/view.ts'
import { statusOf } from './engine/views.ts'
import { collaborators, createWorld } from './engine/world.ts'
import { createGitHub } from './github/create-github.ts'
import { createGitHubSink } from './github/create-sink.ts'
import type { AskOptions } from './model/engine.ts'
import type { EngineEvent } from './model/events.ts'
import type { Log } from './model/log.ts'
import type { OutboxEvent, Sink } from './model/message.ts'
import { createOutbox } from './outbox/outbox.ts'
import { createBackground } from './schedule/background.ts'
import { createLoop } from './schedule/loop.ts'
import type { ServiceNotify } from './schedule/service-notify.ts'
import { createTicks } from './schedule/ticks.ts'
import type { Settings } from './settings/settings.ts'
import { createEventLog, logMessage } from './telemetry/log-events.ts'
import { createMetrics } from './telemetry/metrics.ts'

export interface DaemonOptions extends Omit<AppOptions, 'emit' | 'warn'> {
  readonly log: Log
  readonly notify: ServiceNotify
  readonly version: string
  /** `process.version` */
  readonly node: string
}

export interface Daemon {
  /** Until the signal; then what is being applied may end, what is to be said is sent, and everything is closed. */
  run(signal: AbortSignal): Promise<void>
}

const HOUR_MS = 3_600_000
/** What waits to be said may still be sent after the last tick. */
const LAST_WORDS_MS = 5_000

/** Composition root of `swarmkeeper run`. */
export async function createDaemon(settings: Settings, options: DaemonOptions, signal: AbortSignal): Promise<Daemon> {
  const { clock, log, notify, version, node } = options
  const warn = (message: string): void => log.warn({}, message)
  const metrics = createMetrics({ version, node, clock })
  const logEvent = createEventLog(log)
  const listeners = new Set<(event: EngineEvent) => void>()
  const emit = (event: EngineEvent): void => {
    metrics.event(event)
    logEvent(event)
    for (const listener of listeners) listener(event)
  }
  const world = createWorld(settings, { ...options, emit })
  const stores = createStores(settings, { clock, warn })
  const store = await stores.writing(signal)
  const engine = collaborators(world, store, 'write')

  const { chat, heartbeat, install } = settings
  const { fetch } = options
  const github = settings.github && createGitHub(settings.github, { clock, fetch, version })
  const sinks: readonly Sink[] = [
    ...createChatSinks(chat, { fetch, clock, install }),
    ...(github ? [createGitHubSink({ github, install })] : []),
  ]
  const said = (event: OutboxEvent): void => {
    logMessage(log, event)
    const state = SENT_STATES[event.type]
    if (state) metrics.sent(event.sink, state)
  }
  const outbox = createOutbox({ store, clock, random: engine.random, sinks, emit: said })
  const announcer = createAnnouncer({
    store,
    outbox,
    clock,
    install: settings.install,
    github: github !== undefined,
    between: (before, after) => world.source.between(before, after, { signal }),
    routes: (incident) => routesFor(incident, chat),
  })
  const heart = heartbeat && createHeartbeat({ ...heartbeat, fetch, clock, onEdge: heartEdge(log) })
  const looked = (view: View): void => {
    void heart?.beat(signal)
    metrics.look(statusOf(view))
    announcer.onLook(view)
  }
  const ticks = createTicks({
    engine,
    pollIntervalMs: settings.pollIntervalMs,
    hooks: {
      looked,
      ended: announcer.onOutcome,
      ticked: announcer.onTickEnd,
      failed: (error) => log.error({ error }, 'the tick failed'),
    },
  })
  const listen = (listener: (event: EngineEvent) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const reports = (ask: AskOptions) => examineReports(settings, options, ask)
  const loop = createLoop({ world, stores, engine, ticks, onNudge: () => {}, listen, examineReports: reports })
  metrics.watchLoop(ticks.state)
  metrics.watchOutbox(outbox)
  const plugins = webhooksOf(settings, { store, clock, log, nudge: loop.nudge })
  const scraped = github ? withGitHub(metrics, github) : metrics
  const server = await createServer({ loop, store, settings, clock, log, metrics: scraped, version, plugins })

  return {
    run: async (stop) => {
      const background = createBackground({ clock, random: engine.random, log })
      announcer.sweep()
      background.start('outbox', (ends) => outbox.run(ends))
      background.every('sweep', HOUR_MS, async () => {
        announcer.sweep()
        outbox.sweep()
        store.dropHistory(new Date(clock.now().getTime() - settings.auditRetentionMs).toISOString())
      })
      const url = await server.listen()
      log.info({ url, install: settings.install, version }, 'the daemon runs')
      await notify.ready()
      background.start('watchdog', (ends) => notify.watch(() => true, ends))
      await ticks.run(stop)
      await notify.stopping()
      log.info({}, 'stopping')
      await server.close()
      await announcer.settled()
      const left = await outbox.drain(LAST_WORDS_MS)
      if (left > 0) log.warn({ left }, 'what was not sent yet is sent by the next start')
      await background.stop()
      metrics.dispose()
      await world.dispose()
      stores.close()
      log.info({}, 'stopped')
    },
  }
}

const SENT_STATES: Readonly<Partial<Record<OutboxEvent['type'], 'sent' | 'later' | 'refused'>>> = {
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
