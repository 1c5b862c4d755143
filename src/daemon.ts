import { type Announcer, createAnnouncer } from './announce/announcer.ts'
import { createServer, type Server } from './api/server.ts'
import type { AppOptions } from './app.ts'
import { routesFor } from './chat/routes.ts'
import { startBudgeting } from './daemon/budgeting.ts'
import type { Budgeting } from './daemon/budgets.ts'
import { examineReports } from './daemon/examine-reports.ts'
import { withGitHub } from './daemon/github-meters.ts'
import { nudgePulls } from './daemon/nudges.ts'
import { createRunning, type Running } from './daemon/runs.ts'
import { createSaying, type Saying } from './daemon/saying.ts'
import { createStanding, type Standing } from './daemon/standing.ts'
import { createSupervision, DUE_MS, examineSupervisors, type Supervision } from './daemon/supervisors.ts'
import { webhooksOf } from './daemon/webhooks.ts'
import { createPlanPull } from './engine/plan-pull.ts'
import { createStores } from './engine/stores.ts'
import type { View } from './engine/view.ts'
import { statusOf } from './engine/views.ts'
import { collaborators, createWorld, type World } from './engine/world.ts'
import type { EngineEvent } from './model/events.ts'
import type { Log } from './model/log.ts'
import type { Loop } from './model/loop.ts'
import { createPullWatcher, type PullWatcher } from './pulls/watch-pulls.ts'
import type { Collaborators } from './reconcile/engine.ts'
import { createBackground } from './schedule/background.ts'
import { createLoop } from './schedule/loop.ts'
import type { ServiceNotify } from './schedule/service-notify.ts'
import { createTicks, type Ticks } from './schedule/ticks.ts'
import type { Settings } from './settings/settings.ts'
import { createEventLog } from './telemetry/log-events.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'

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
/**
 * A loop that did not begin to look for so long, and the interval, stands still: systemd is not told that it lives. A look may
 * fetch a large repository for five minutes, and wait for every target.
 */
const STANDS_STILL_MS = 15 * 60_000

/** Composition root of `swarmkeeper run`. */
export async function createDaemon(settings: Settings, options: DaemonOptions, signal: AbortSignal): Promise<Daemon> {
  const { clock, log, version, node, fetch } = options
  const metrics = createMetrics({ version, node, clock })
  const { emit, listen } = createEvents(log, metrics)
  const world = createWorld(settings, { ...options, emit })
  const stores = createStores(settings, { clock, warn: (message) => log.warn({}, message) })
  const store = await stores.writing(signal)
  const shownPrunes = (commit: string) => pulls?.shownPrunes(commit)
  const runAgent: Collaborators['runAgent'] = (id, ask) => running.ask(id, ask)
  const engine: Collaborators = { ...collaborators(world, store, 'write'), shownPrunes, runAgent }
  const saying = createSaying(settings, { store, clock, random: engine.random, fetch, log, metrics, version })
  const stopping = new AbortController()
  const announcer = createAnnouncer({
    store,
    outbox: saying.outbox,
    clock,
    install: settings.install,
    github: saying.github !== undefined,
    routes: (incident) => routesFor(incident, settings.chat),
    between: (before, after) => world.source.between(before, after, stopping),
    onReport: (report) => pulls?.revisionReported(report),
  })
  const ticks = createTicks({
    engine,
    pollIntervalMs: settings.pollIntervalMs,
    hooks: {
      looked: (view) => {
        const beside = { pulls, supervision, standing, running, budgeting }
        looked(view, { saying, metrics, announcer, ...beside, signal: stopping.signal })
      },
      ended: announcer.onOutcome,
      ticked: announcer.onTickEnd,
      failed: (error) => lookFailed(error, { log, announcer }),
    },
  })
  const standing = createStanding({ settings, engine, announcer, metrics, log })
  const running = createRunning({ settings, engine, leases: ticks.leases, announcer, log })
  const supervision = createSupervision({ settings, store, clock, changed: () => ticks.nudge() })
  const budgeting = startBudgeting({ settings, engine, ticks, announcer, supervision, log })
  const loop = createLoop({
    world,
    stores,
    engine,
    ticks,
    listen,
    onNudge: (what) => nudgePulls(pulls, what),
    examineReports: (ask) => examineReports(settings, options, ask),
    examineSupervisors: (targets, ask) => examineSupervisors(targets, settings, ask),
  })
  const pulls = watcherOf({ settings, saying, world, engine, loop, log, signal: stopping.signal })
  metrics.watchLoop(ticks.state)
  metrics.watchOutbox(saying.outbox)
  const server = await createServer({
    ...{ loop, store, settings, clock, log, version, spend: budgeting.ledger },
    metrics: saying.github ? withGitHub(metrics, saying.github) : metrics,
    plugins: [...webhooksOf(settings, { store, clock, log, nudge: loop.nudge }), standing.webhook],
  })
  const begun = { settings, options, engine, saying, announcer, ticks, server, pulls }
  const parts: Parts = { ...begun, supervision, standing, running, budgeting, stopping }
  const close = async (): Promise<void> => {
    metrics.dispose()
    await world.dispose()
    stores.close()
  }
  return { run: (stop) => run(parts, stop).finally(close) }
}

interface Parts {
  readonly settings: Settings
  readonly options: DaemonOptions
  readonly engine: Collaborators
  readonly saying: Saying
  readonly announcer: Announcer
  readonly ticks: Ticks
  readonly server: Server
  readonly pulls: PullWatcher | undefined
  readonly supervision: Supervision
  readonly standing: Standing
  readonly running: Running
  readonly budgeting: Budgeting
  /** Ends what runs beside the ticks. */
  readonly stopping: AbortController
}

/**
 * Everything begins here, and ends here in the opposite order: first nothing new is begun, then what is being applied may
 * end, then what is to be said is sent.
 */
async function run(parts: Parts, stop: AbortSignal): Promise<void> {
  const { options, saying, announcer, ticks, server, pulls, stopping } = parts
  const { log, notify } = options
  const background = startBackground(parts)
  announcer.sweep()
  const url = await server.listen()
  log.info({ url, install: parts.settings.install, version: options.version }, 'the daemon runs')
  await notify.ready()
  const stopAsked = onceAborted(stop, () => {
    log.info({}, 'stopping')
    return notify.stopping()
  })
  await ticks.run(stop)
  await stopAsked
  await server.close()
  stopping.abort(stop.reason)
  await Promise.all([announcer.settled(), pulls?.settled()])
  const left = await saying.outbox.drain(LAST_WORDS_MS)
  if (left > 0) log.warn({ left }, 'what was not sent yet is sent by the next start')
  await background.stop()
  log.info({}, 'stopped')
}

const onceAborted = (signal: AbortSignal, body: () => Promise<void>): Promise<void> =>
  new Promise((resolve) => {
    const begin = (): void => resolve(body())
    if (signal.aborted) begin()
    else signal.addEventListener('abort', begin, { once: true })
  })

function startBackground(parts: Parts) {
  const { settings, options, engine, saying, announcer, ticks, pulls, supervision, standing, running } = parts
  const { budgeting } = parts
  const { clock, log, notify } = options
  const background = createBackground({ clock, random: engine.random, log })
  background.start('outbox', (ends) => saying.outbox.run(ends))
  const standsStillMs = STANDS_STILL_MS + 2 * settings.pollIntervalMs
  background.start('watchdog', (ends) => notify.watch(() => ticks.sinceLookMs() < standsStillMs, ends))
  background.every('sweep', HOUR_MS, async () => {
    announcer.sweep()
    saying.outbox.sweep()
    engine.store.dropHistory(new Date(clock.now().getTime() - settings.auditRetentionMs).toISOString())
  })
  background.every('agent supervisors', DUE_MS, supervision.lookAtDue)
  background.start('standing checks', standing.run)
  background.start('runs of agents', running.run)
  background.start('budgets', budgeting.run)
  if (settings.github && pulls) {
    background.every('pull requests', settings.github.pollIntervalMs, (ends) => pulls.look({ signal: ends }))
  }
  return background
}

function createEvents(log: Log, metrics: Metrics) {
  const listeners = new Set<(event: EngineEvent) => void>()
  const logEvent = createEventLog(log)
  return {
    emit: (event: EngineEvent): void => {
      metrics.event(event)
      logEvent(event)
      for (const listener of listeners) listener(event)
    },
    listen: (listener: (event: EngineEvent) => void): (() => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

interface Looking {
  readonly saying: Saying
  readonly metrics: Metrics
  readonly announcer: Announcer
  readonly pulls: PullWatcher | undefined
  readonly supervision: Supervision
  readonly standing: Standing
  readonly running: Running
  readonly budgeting: Budgeting
  readonly signal: AbortSignal
}

function looked(view: View, looking: Looking): void {
  const { saying, metrics, announcer, pulls, supervision, standing, running, budgeting } = looking
  // First what somebody waits for: that a merge was seen.
  announcer.onLook(view)
  supervision.declare(view)
  standing.looked(view)
  running.looked(view)
  budgeting.looked(view)
  pulls?.tipMoved(view)
  void saying.heartbeat?.beat(looking.signal)
  metrics.look(statusOf(view))
}

function lookFailed(error: unknown, { log, announcer }: { readonly log: Log; readonly announcer: Announcer }): void {
  log.error({ error }, 'the tick failed')
  try {
    announcer.onSourceDown(error)
  } catch (again) {
    log.error({ error: again }, 'that it failed cannot be kept, so nobody is told')
  }
}

interface Watching {
  readonly settings: Settings
  readonly saying: Saying
  readonly world: World
  readonly engine: Collaborators
  readonly loop: Loop
  readonly log: Log
  readonly signal: AbortSignal
}

function watcherOf({ settings, saying, world, engine, loop, log, signal }: Watching): PullWatcher | undefined {
  const { github, outbox } = saying
  if (!github) return undefined
  const { install, repository } = settings
  const { store, clock } = engine
  return createPullWatcher({
    ...{ github, outbox, store, clock, loop, install, signal },
    branch: repository.branch,
    source: world.source,
    planPull: createPlanPull(engine, world.renderUntrusted),
    failed: (error) => log.warn({ error }, 'pull requests'),
  })
}
