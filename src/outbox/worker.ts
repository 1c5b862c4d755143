import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/error.ts'
import type { Delivery, OutboxEvent, Sent, Sink } from '../model/message.ts'
import { backoffMs, LONGEST_OF_MESSAGE_MS, LONGEST_OF_SINK_MS } from './backoff.ts'
import { begun, deliveryOf, resting, without } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { Queue } from './queue.ts'
import { createRest } from './rest.ts'

/** However long a sink asks to wait, it is asked again after this. */
const LONGEST_WAIT_MS = 3_600_000
const SHORTEST_WAIT_MS = 100

export interface WorkerOptions {
  readonly sink: Sink
  readonly queue: Queue
  readonly lanes: Lanes
  readonly clock: Clock
  readonly random: () => number
  readonly emit: (event: OutboxEvent) => void
  /** The queue as the shelf has it, where they may differ. */
  readonly match: () => void
  /** Is called when it has nothing to do for now. */
  readonly onRest: () => void
}

/** Sends what waits for one sink, one message after the other. */
export interface Worker {
  run(signal: AbortSignal): Promise<void>
  /** Something new may be due. */
  nudge(): void
  /** It sends, or would without waiting. */
  readonly busy: () => boolean
}

interface State {
  sending: boolean
  stopped: boolean
  /** In a row, of the sink or of the database. */
  failures: number
  /** Monotonic: nothing is sent before. */
  pausedUntil: number
}

/** Of a message that is on its way, what came of it; and what it left in its lane. */
interface Ended {
  readonly delivery: Delivery
  readonly sent: Sent
}

export function createWorker(options: WorkerOptions): Worker {
  const { queue, clock } = options
  const state: State = { sending: false, stopped: false, failures: 0, pausedUntil: 0 }
  const rest = createRest(clock)
  const due = (): string | undefined => {
    const now = clock.monotonic()
    return state.stopped || now < state.pausedUntil ? undefined : queue.due(now)
  }
  const work = async (signal: AbortSignal): Promise<void> => {
    options.match()
    const subject = due()
    if (subject !== undefined) return sendOne(subject, { ...options, state, signal })
    options.onRest()
    await rest.until(state.stopped ? undefined : nextAt(queue, state), signal)
  }
  return {
    nudge: rest.end,
    busy: () => state.sending || due() !== undefined,
    run: async (signal) => {
      while (!signal.aborted) {
        try {
          await work(signal)
        } catch (error) {
          await trouble(error, { ...options, state, signal })
        }
      }
    },
  }
}

function nextAt(queue: Queue, { pausedUntil }: State): number | undefined {
  const next = queue.nextAt()
  return next === undefined ? undefined : Math.max(next, pausedUntil)
}

type Context = WorkerOptions & { readonly state: State; readonly signal: AbortSignal }

async function sendOne(subject: string, context: Context): Promise<void> {
  const { queue, state, sink, signal } = context
  const delivery = begin(subject, context)
  if (!delivery) return queue.remove(subject)
  state.sending = true
  try {
    const sent = await sink.send(delivery, { signal }).catch(unforeseen)
    await settle({ delivery, sent }, context)
  } finally {
    state.sending = false
  }
}

/** A fault of the sink's: nobody knows whether the message arrived. */
const unforeseen = (error: unknown): Sent => ({ state: 'later', message: messageOf(error), perhaps: true })

/** Marks it before it is sent: what is not marked was not sent. */
function begin(subject: string, { lanes, sink }: Context): Delivery | undefined {
  return lanes.together(() => {
    const last = lanes.lastSent(sink.name, subject)
    const lane = begun(lanes.lane(sink.name, subject), last)
    lanes.keep(lane)
    return deliveryOf(lane, last)
  })
}

/** Until it is written down nothing else is sent: a kill before that leaves the mark, and it is sent again with `perhapsSent`. */
async function settle(ended: Ended, context: Context): Promise<void> {
  for (;;) {
    try {
      const more = write(ended, context)
      return goOn(ended, more, context)
    } catch (error) {
      if (context.signal.aborted) return
      await trouble(error, context)
    }
  }
}

/** Whether more of the subject waits. Messages may have been put into the lane meanwhile. */
function write({ delivery, sent }: Ended, { lanes }: Context): boolean {
  return lanes.together(() => {
    const lane = lanes.lane(delivery.sink, delivery.subject)
    const perhaps = sent.state === 'later' && sent.perhaps === true
    const done = sent.state === 'sent' || sent.state === 'refused'
    const left = done ? without(lane, delivery.id) : resting(lane, delivery.id, perhaps)
    lanes.keep(left)
    if (sent.state === 'sent') {
      lanes.remember(lane, { body: delivery.body, ...(sent.ref === undefined ? {} : { ref: sent.ref }) })
    }
    return left.waiting.length > 0
  })
}

function goOn({ delivery, sent }: Ended, more: boolean, context: Context): void {
  if (sent.state === 'later') wait({ delivery, sent }, context)
  else if (sent.state === 'stopped') stop(sent.message, context)
  else goToNext({ delivery, sent }, more, context)
}

function stop(message: string, { state, sink, emit }: Context): void {
  state.stopped = true
  emit({ type: 'sink:stopped', sink: sink.name, message })
}

type Over = Ended & { readonly sent: { readonly state: 'sent' | 'refused' } }

function goToNext({ delivery, sent }: Over, more: boolean, context: Context): void {
  const { queue, state, clock, emit } = context
  const { sink, subject } = delivery
  const now = clock.monotonic()
  if (state.failures > 1) queue.hurry()
  state.failures = 0
  if (sent.state === 'sent' && sent.waitMs !== undefined) state.pausedUntil = now + bounded(sent.waitMs)
  if (more) queue.defer(subject, now)
  else queue.remove(subject)
  if (sent.state === 'sent') emit({ type: 'message:sent', sink, subject })
  else emit({ type: 'message:refused', sink, subject, message: sent.message })
}

/**
 * A sink that says how long waits so long, with everything. Otherwise nobody knows whether the sink is down or this one
 * message is more than it can bear: the sink rests shortly, the message longer, so that others are tried before it.
 */
function wait({ delivery, sent }: Ended & { readonly sent: { readonly state: 'later' } }, context: Context): void {
  const { queue, state, clock, random, emit } = context
  const { sink, subject } = delivery
  const attempts = delivery.attempts + 1
  const asked = sent.waitMs === undefined ? undefined : bounded(sent.waitMs)
  if (asked === undefined) state.failures++
  const waitMs = asked ?? backoffMs(state.failures, { longest: LONGEST_OF_SINK_MS, random })
  const now = clock.monotonic()
  state.pausedUntil = now + waitMs
  queue.defer(subject, now + (asked ?? backoffMs(attempts, { longest: LONGEST_OF_MESSAGE_MS, random })))
  emit({ type: 'message:later', sink, subject, message: sent.message, attempts, waitMs })
}

const bounded = (ms: number): number => Math.min(Math.max(Number.isNaN(ms) ? 0 : ms, SHORTEST_WAIT_MS), LONGEST_WAIT_MS)

/** The database is locked or its disk full: nothing is sent that cannot be marked. */
async function trouble(error: unknown, { sink, state, clock, random, emit, signal }: Context): Promise<void> {
  state.failures++
  const waitMs = backoffMs(state.failures, { longest: LONGEST_OF_SINK_MS, random })
  emit({ type: 'outbox:trouble', sink: sink.name, message: messageOf(error), waitMs })
  await clock.sleep(waitMs, { signal }).catch(() => {})
}
