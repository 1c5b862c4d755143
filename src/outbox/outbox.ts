import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/error.ts'
import type { Message, Outbox, OutboxEvent, Sink } from '../model/message.ts'
import type { Store } from '../model/store.ts'
import { onlyKept, withMessage } from './lane.ts'
import { createLanes, type Lanes } from './lanes.ts'
import { createQueue, type Queue } from './queue.ts'
import { createWorker, type Worker } from './worker.ts'

export interface OutboxOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: () => number
  readonly sinks: readonly Sink[]
  readonly emit?: (event: OutboxEvent) => void
  /** Subjects that may wait for one sink; beyond, the oldest messages that are not final are given up. Default 10,000. */
  readonly limit?: number
}

export interface SendingOutbox extends Outbox {
  /** Sends what waits, each sink for itself, until the signal; what is on its way then ends first. Throws nothing. */
  run(signal: AbortSignal): Promise<void>
  /** Until nothing can be sent without waiting, or so long; gives of how many subjects something is left. */
  drain(deadlineMs: number): Promise<number>
  /** Forgets what nobody will ask for any more. Once a day is enough. */
  sweep(): void
}

const DAY_MS = 86_400_000
const SENT_KEPT_DAYS = 90
/** Of a sink that is not set up any more: it may have been left out of the settings by mistake. */
const SINKLESS_KEPT_DAYS = 7
const DEFAULT_LIMIT = 10_000

interface Post {
  readonly queue: Queue
  readonly worker: Worker
  /** As many hints as make it look for what may be given up. */
  trimAt: number
  /** The queue may differ from the shelf. */
  stale: boolean
}

/**
 * Outward messages, each stored before it is sent (reliability.md 29). The shelf is the truth, so that `put` stands or
 * falls with its caller's transaction; what is kept in memory is only where to look next, and by when.
 */
export function createOutbox(options: OutboxOptions): SendingOutbox {
  const { clock, sinks, random, limit = DEFAULT_LIMIT } = options
  const emit = harmless(options.emit)
  const lanes = createLanes(options)
  const newId = createIds(options)
  const resting = createBell()
  let running = false
  const posts = new Map<string, Post>()
  for (const sink of sinks) {
    const queue = createQueue()
    const match = (): void => matchAgain(sink.name, { posts, lanes })
    const worker = createWorker({ sink, queue, lanes, clock, random, emit, match, onRest: resting.ring })
    posts.set(sink.name, { queue, worker, trimAt: limit, stale: true })
  }
  return {
    put: (messages) => putAll(messages, { clock, newId, limit, emit, lanes, posts }),
    lastSent: (sink, subject) => lanes.lastSent(sink, subject)?.body,
    depth: () => lanes.count(),
    oldest: () => oldestOf(posts, lanes),
    run: async (signal) => {
      running = true
      await Promise.all([...posts.values()].map(({ worker }) => worker.run(signal)))
      running = false
    },
    drain: (deadlineMs) => drain(running ? deadlineMs : 0, { clock, posts, lanes, resting }),
    sweep: () => sweep({ clock, lanes, posts, emit }),
  }
}

/** A listener that fails is no reason to keep a message back. */
function harmless(emit: OutboxOptions['emit'] = () => {}): (event: OutboxEvent) => void {
  return (event) => {
    try {
      emit(event)
    } catch {}
  }
}

interface Place {
  readonly lanes: Lanes
  readonly posts: ReadonlyMap<string, Post>
}

function matchAgain(sink: string, { posts, lanes }: Place): void {
  const post = posts.get(sink)
  if (!post?.stale) return
  const there = lanes.all().flatMap(({ at, lane }) => (lane.sink === sink ? [[lane.subject, at] as const] : []))
  post.queue.match(new Map(there))
  post.stale = false
}

interface Put extends Place {
  readonly clock: Clock
  readonly newId: () => string
  readonly limit: number
  readonly emit: (event: OutboxEvent) => void
}

function putAll(messages: readonly Message[], put: Put): void {
  put.lanes.together(() => {
    for (const message of messages) putOne(message, put)
  })
  for (const sink of new Set(messages.map((message) => message.sink))) put.posts.get(sink)?.worker.nudge()
}

function putOne(message: Message, put: Put): void {
  const { lanes, posts, clock, newId } = put
  const { sink, subject } = message
  const post = posts.get(sink)
  if (!post) return
  const sent = lanes.lastSent(sink, subject)
  lanes.keep(withMessage(lanes.lane(sink, subject), message, { id: newId(), ...(sent ? { sent } : {}) }))
  post.queue.add(subject, clock.now().toISOString())
  if (post.queue.size > post.trimAt) trim(sink, post, put)
}

/** Tells apart what one process puts, by its number, and what several do, by time and chance. */
function createIds({ clock, random }: Pick<OutboxOptions, 'clock' | 'random'>): () => string {
  let count = 0
  const chance = (): string => Math.floor(random() * 2 ** 48).toString(36)
  return () => [clock.now().getTime().toString(36), (count++).toString(36), chance()].join('-')
}

/** Down to a twentieth below the limit: not at every message from then on. */
function trim(sink: string, post: Post, { lanes, limit, emit }: Put): void {
  const here = lanes.all().flatMap(({ lane }) => (lane.sink === sink ? [lane] : []))
  let tooMany = here.length > limit ? here.length - Math.floor(limit * 0.95) : 0
  let count = 0
  for (const lane of here) {
    if (tooMany <= 0) break
    const kept = onlyKept(lane)
    if (kept.waiting.length === lane.waiting.length) continue
    lanes.keep(kept)
    count += lane.waiting.length - kept.waiting.length
    if (kept.waiting.length === 0) tooMany--
  }
  post.stale = true
  post.trimAt = Math.max(limit, post.queue.size) + Math.ceil(limit * 0.05)
  if (count > 0) emit({ type: 'message:dropped', sink, count })
}

function oldestOf(posts: ReadonlyMap<string, Post>, lanes: Lanes): string | undefined {
  const firsts = [...posts].flatMap(([sink, { queue }]) => {
    matchAgain(sink, { posts, lanes })
    for (let first = queue.first(); first; first = queue.first()) {
      if (lanes.lane(sink, first.subject).waiting.length > 0) return [first.at]
      queue.remove(first.subject)
    }
    return []
  })
  return firsts.sort()[0]
}

async function drain(
  deadlineMs: number,
  { clock, posts, lanes, resting }: Place & { readonly clock: Clock; readonly resting: Bell },
): Promise<number> {
  const until = clock.monotonic() + deadlineMs
  const busy = (): boolean => [...posts.values()].some(({ worker }) => worker.busy())
  const ending = new AbortController()
  const deadline = clock.sleep(deadlineMs, { signal: ending.signal }).catch(() => {})
  while (busy() && clock.monotonic() < until) await Promise.race([deadline, resting.next()])
  ending.abort()
  return lanes.count()
}

interface Bell {
  ring(): void
  next(): Promise<void>
}

function createBell(): Bell {
  let waiting: (() => void)[] = []
  return {
    ring: () => {
      const heard = waiting
      waiting = []
      for (const wake of heard) wake()
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
  }
}

function sweep({ clock, lanes, posts, emit }: Place & Pick<Put, 'clock' | 'emit'>): void {
  const before = (days: number): string => new Date(clock.now().getTime() - days * DAY_MS).toISOString()
  try {
    lanes.forgetSent(before(SENT_KEPT_DAYS))
    for (const { at, lane } of lanes.all()) {
      if (posts.has(lane.sink) || at >= before(SINKLESS_KEPT_DAYS)) continue
      lanes.keep({ ...lane, waiting: [] })
      emit({ type: 'message:dropped', sink: lane.sink, count: lane.waiting.length })
    }
  } catch (error) {
    emit({ type: 'outbox:trouble', sink: '', message: messageOf(error), waitMs: DAY_MS })
  }
}
