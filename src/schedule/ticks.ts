import { type View, viewWith } from '../engine/view.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { EngineEvent } from '../model/events.ts'
import type { LoopState } from '../model/loop.ts'
import type { AppOutcome, FleetOutcome } from '../model/outcome.ts'
import type { Collaborators, RunOptions } from '../reconcile/engine.ts'
import { beginTick } from '../reconcile/fleet.ts'
import type { LeasePool } from '../reconcile/leases.ts'
import { createSlots } from '../reconcile/slots.ts'
import { drain } from './drain.ts'
import { dueWithin } from './due.ts'
import { createLooks } from './looks.ts'
import { createRequests, type Request, stopping } from './requests.ts'
import { createWake } from './wake.ts'

/** Told in the order in which things happen. What one of them throws is told to `failed`, and stops nothing. */
interface TickHooks {
  /** After each look at the whole fleet by the tracked branch, with the plans that follow from it. */
  looked?(view: View): void
  /** When the reconcile of an app ends. */
  ended?(outcome: AppOutcome, view: View): void
  /** When the last app of a tick ended. */
  ticked?(view: View, outcome: FleetOutcome): void
  /**
   * A tick that could not look: the source is down and was never read, the database is locked. Whoever is told may fail by
   * the same cause, and stops nothing either.
   */
  failed?(error: unknown): void
}

export interface TicksOptions {
  readonly engine: Collaborators
  readonly pollIntervalMs: number
  readonly hooks: TickHooks
}

/** The ask of somebody, beside the ticks. */
export type TickAsk = Omit<RunOptions, 'signal'> & {
  /** A person decided something about the app: what it waits for ends. */
  readonly decided?: boolean
}

export interface Ticks {
  /**
   * Ticks until it is stopped: at its interval with jitter, when nudged, when something falls due, when somebody asks.
   *
   *   waiting --interval, nudge, due, ask--> looking --planned--> apps run on their own; waiting
   *   looking --stop--> draining: a look writes nothing, so it is not waited for, and what it would begin is not begun
   *   any --stop--> draining --all ended, or `signal` aborted--> ended
   */
  run(signal: AbortSignal): Promise<void>
  nudge(): void
  /** A reconcile of what is asked for, in turn; ends with its last app. */
  ask(ask: TickAsk): Promise<FleetOutcome>
  /** The newest look, or the next one where something was written since. */
  view(): Promise<View>
  state(): LoopState
  /** The right to write, shared with whatever else writes in this process (rule 23). */
  readonly leases: LeasePool
  /** Since a look began, by the monotonic clock. */
  sinceLookMs(): number
}

/** Between the beginnings of two looks: many nudges make one tick. */
const MIN_GAP_MS = 500
/** Of the interval, to both sides: many installs do not ask one server at the same time. */
const JITTER = 0.1

export function createTicks({ engine, pollIntervalMs, hooks }: TicksOptions): Ticks {
  const { clock } = engine
  const slots = createSlots(engine)
  const wake = createWake(clock)
  const requests = createRequests()
  const looks = createLooks()
  const ended = new Set<Promise<unknown>>()
  const state: { -readonly [K in keyof LoopState]: LoopState[K] } = {
    startedAt: clock.now().toISOString(),
    running: [],
    queued: 0,
    stopping: false,
  }
  let lastLookAt = clock.monotonic()
  /** One for each tick that looks or has apps under way. */
  const cuts = new Set<AbortController>()
  let looking: AbortController | undefined

  const nudge = (): void => wake.now()
  const failed = (error: unknown): void => {
    try {
      hooks.failed?.(error)
    } catch {
      // The first failure is what is to be told, and it was.
    }
  }
  const safely = (body: () => void): void => {
    try {
      body()
    } catch (error) {
      failed(error)
    }
  }
  const onEvent = (event: EngineEvent, view: () => View | undefined, id: string): void => {
    engine.emit({ ...event, tick: id })
    if (event.type !== 'app:done') return
    if (changedSomething(event.outcome)) {
      looks.outdated()
      nudge()
    }
    const seen = view()
    if (seen) safely(() => hooks.ended?.(event.outcome, viewWith(seen, engine.store)))
  }

  const tick = async (request?: Request): Promise<void> => {
    lastLookAt = clock.monotonic()
    const id = engine.newId()
    let view: View | undefined
    const own: Collaborators = { ...engine, emit: (event) => onEvent(event, () => view, id) }
    const cut = new AbortController()
    cuts.add(cut)
    const asked: RunOptions = { ...(request?.ask ?? { by: 'swarmkeeper', patient: true }), signal: cut.signal }
    looks.begin()
    looking = cut
    const begun = await beginTick(own, asked, slots)
      .catch((error) => {
        cuts.delete(cut)
        throw error
      })
      .finally(() => {
        looking = undefined
      })
    const { look, planned, busy } = begun
    const seen = viewWith({ install: engine.install, store: engine.store, look, planned, busy }, engine.store)
    view = seen
    const at = clock.now().toISOString()
    Object.assign(state, { lastTickAt: at, ...(seen.look.stale ? {} : { sourceAt: at }) })
    const whole = asked.app === undefined && asked.revision === undefined
    if (whole) looks.done(seen)
    if (whole) safely(() => hooks.looked?.(seen))
    // What is to be said of it leaves before the apps take their turns.
    await clock.sleep(0)
    const end = begun.run().then(
      (outcome) => {
        safely(() => hooks.ticked?.(viewWith(seen, engine.store), outcome))
        request?.resolve(outcome)
      },
      (error: unknown) => {
        failed(error)
        request?.reject(error)
      },
    )
    const all = end.finally(() => {
      cuts.delete(cut)
      ended.delete(all)
    })
    ended.add(all)
    state.firstTickAt ??= at
    delete state.failure
  }

  const attempt = async (request?: Request): Promise<void> => {
    try {
      await tick(request)
    } catch (error) {
      if (state.stopping) return request?.reject(stopping())
      // A mistake of somebody who asked, a misspelt app say, is told to them, and is no failure of ours.
      if (request) return request.reject(error)
      state.failure = messageOf(error)
      looks.failed(error)
      failed(error)
    }
  }

  /** One whose app is being applied waits for it; a person's decision ends what that waits for. */
  const postponed = (request: Request): boolean => {
    const running = request.ask.app === undefined ? undefined : slots.running.get(request.ask.app)
    if (!running) return false
    if (request.ask.decided) {
      running.cancel(new ReconcileError('Superseded', { message: `${request.ask.by} decided about it` }))
    }
    const again = (): void => {
      requests.add(request)
      nudge()
    }
    running.outcome.then(again, again)
    return true
  }

  const waitMs = (): number => {
    const jitter = 1 + JITTER * (2 * engine.random() - 1)
    return dueWithin(engine.store.apps(), clock.now(), pollIntervalMs * jitter)
  }

  return {
    nudge,
    ask: (ask) =>
      new Promise((resolve, reject) => {
        if (state.stopping) return reject(stopping())
        requests.add({ ask, resolve, reject })
        nudge()
      }),
    view: () => looks.newest(nudge),
    leases: slots.leases,
    sinceLookMs: () => clock.monotonic() - lastLookAt,
    state: () => ({ ...state, running: [...slots.running.keys()].sort(), queued: requests.count() }),
    run: async (signal) => {
      const writes = new AbortController()
      const cutAll = (): void => {
        for (const cut of cuts) cut.abort(writes.signal.reason)
      }
      // Ticks overlap while an app takes its time: one listener for all.
      writes.signal.addEventListener('abort', cutAll, { once: true })
      const stop = (): void => {
        state.stopping = true
        looking?.abort(stopping())
        wake.now()
      }
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      while (!state.stopping) {
        const request = requests.take()
        if (request && postponed(request)) continue
        await attempt(request)
        if (requests.count() === 0 && !state.stopping) await wake.within(waitMs())
        const gap = MIN_GAP_MS - (clock.monotonic() - lastLookAt)
        if (gap > 0 && !state.stopping) await clock.sleep(gap, { signal }).catch(() => undefined)
      }
      for (const request of requests.rest()) request.reject(stopping())
      looks.failed(stopping())
      await drain(ended, { writes, clock, emit: engine.emit, running: () => [...slots.running.keys()] })
    },
  }
}

/** A new revision goes on at once from what was cancelled for it, and what was written is seen as it is now. */
const changedSomething = ({ reason, steps }: AppOutcome): boolean =>
  reason === 'Superseded' || steps.some(({ step }) => step !== 'not-run')
