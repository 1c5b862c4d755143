import type { CheckResult } from '../model/check.ts'
import type { Shelf } from '../model/shelf.ts'
import type { CheckState, StandingCheck } from '../model/standing.ts'
import { type Asking, askOnce } from './ask-once.ts'
import { judgeAttempt, neverMade, notMade } from './judge-attempt.ts'
import { checkKey } from './states.ts'
import { createTurns } from './turns.ts'

export interface StandingOptions extends Asking {
  /** `standing` */
  readonly shelf: Shelf<CheckState>
  readonly random: () => number
  /** After each attempt, when what became of it is kept. */
  attempted(check: StandingCheck, result: CheckResult): void
  /** What became of an attempt could not be kept. */
  failed(error: unknown): void
  /** Attempts at one time. */
  readonly atOnce?: number
}

/** What is declared now. */
export interface Declared {
  readonly checks: readonly StandingCheck[]
  /** Of these apps something cannot be read: their checks stay as they were declared before. */
  readonly unread: ReadonlySet<string>
  /** At rest by a person's word: their checks are not made. */
  readonly resting: ReadonlySet<string>
}

/**
 * Makes every standing check at its interval, each attempt once. Of each check:
 *
 *   waiting --due--> queued --a turn is free--> asking --answer, timeout--> kept; waiting
 *   any --its app rests--> resting: unknown, not made --its app goes on--> waiting
 *   any --not declared any more--> dropped; what is being asked is thrown away
 *
 * What is known stands on the shelf: a restart neither forgets a failure nor tells it again.
 */
export interface StandingChecks {
  /** After each look. */
  declare(declared: Declared): void
  /** Those that are declared. */
  checks(): readonly StandingCheck[]
  run(signal: AbortSignal): Promise<void>
}

/** One that is made, in a loop of its own. */
interface Made {
  readonly check: StandingCheck
  readonly ending: AbortController
}

const AT_ONCE = 8

export function createStandingChecks(options: StandingOptions): StandingChecks {
  const { shelf, clock } = options
  const keepMaking = createMaking(options)
  const made = new Map<string, Made>()
  const loops = new Set<Promise<void>>()
  let declared: ReadonlyMap<string, StandingCheck> = new Map()
  let running: AbortSignal | undefined

  const begin = (key: string, { check, ending }: Made): void => {
    if (!running) return
    const loop = keepMaking(key, check, AbortSignal.any([running, ending.signal])).finally(() => loops.delete(loop))
    loops.add(loop)
  }
  const end = (key: string, { ending }: Made): void => {
    ending.abort()
    made.delete(key)
  }

  return {
    declare: (now) => {
      declared = withUnread(now, declared)
      const wanted = new Map([...declared].filter(([, { app }]) => !now.resting.has(app)))
      for (const [key, one] of made) if (!sameCheck(one.check, wanted.get(key))) end(key, one)
      keepShelf(shelf, { ...now, declared, at: clock.now().toISOString() })
      for (const [key, check] of wanted) {
        if (made.has(key)) continue
        const one = { check, ending: new AbortController() }
        made.set(key, one)
        begin(key, one)
      }
    },
    checks: () => [...declared.values()],
    run: async (signal) => {
      running = signal
      for (const [key, one] of made) begin(key, one)
      await aborted(signal)
      await Promise.all(loops)
    },
  }
}

type Making = (key: string, check: StandingCheck, signal: AbortSignal) => Promise<void>

/** Makes one check at its interval, in turn with the others, until the signal. */
function createMaking(options: StandingOptions): Making {
  const { shelf, clock } = options
  const turns = createTurns(options.atOnce ?? AT_ONCE)
  const attempt: Making = async (key, check, signal) => {
    const begun = clock.monotonic()
    const result = await askOnce(check, signal, options)
    // Dropped while it was asked: its place is taken away already.
    signal.throwIfAborted()
    const latencyMs = Math.round(clock.monotonic() - begun)
    const at = clock.now().toISOString()
    const known = shelf.get(key) ?? neverMade(check, at)
    shelf.put(key, judgeAttempt(known, { ...result, latencyMs, at }, check), at)
    options.attempted(check, result)
  }
  return async (key, check, signal) => {
    let waitMs = firstWait(check, shelf.get(key), options)
    while (!signal.aborted) {
      await clock.sleep(waitMs, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const due = clock.monotonic()
      const made = turns.within(signal, () => attempt(key, check, signal))
      await made.catch((error) => signal.aborted || options.failed(error))
      waitMs = Math.max(jittered(check.intervalMs, options.random) - (clock.monotonic() - due), 0)
    }
  }
}

const sameCheck = (a: StandingCheck, b: StandingCheck | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** By key: what is declared, and what was declared before where it cannot be read now. */
function withUnread(
  { checks, unread }: Declared,
  before: ReadonlyMap<string, StandingCheck>,
): ReadonlyMap<string, StandingCheck> {
  const kept = [...before.values()].filter(({ app }) => unread.has(app))
  return new Map([...kept, ...checks].map((check) => [checkKey(check), check]))
}

interface Keeping extends Pick<Declared, 'resting' | 'unread'> {
  readonly declared: ReadonlyMap<string, StandingCheck>
  readonly at: string
}

/** Each declared one has its place, and nothing else has, but for what may be declared where nothing can be read. */
function keepShelf(shelf: Shelf<CheckState>, { declared, resting, unread, at }: Keeping): void {
  for (const { key, value } of shelf.all()) if (!declared.has(key) && !unread.has(value.app)) shelf.drop(key)
  for (const [key, check] of declared) {
    const known = shelf.get(key)
    const state = known ?? neverMade(check, at)
    const next = resting.has(check.app) ? notMade(state, at) : state
    if (next !== known) shelf.put(key, next, at)
  }
}

const JITTER = 0.1
const jittered = (ms: number, random: () => number): number => ms * (1 + JITTER * (2 * random() - 1))

/** After a start, or a commit that declares many, they do not all begin in one moment. */
const SPREAD_MS = 5_000

/** What was asked a moment before a restart is not asked again for it. */
function firstWait(
  { intervalMs }: StandingCheck,
  known: CheckState | undefined,
  { clock, random }: Pick<StandingOptions, 'clock' | 'random'>,
): number {
  const spread = random() * Math.min(SPREAD_MS, intervalMs)
  const ago = known?.at === undefined ? intervalMs : clock.now().getTime() - Date.parse(known.at)
  return Math.max(Math.min(intervalMs - ago, intervalMs), spread)
}
