import type { AppState } from '../model/app-state.ts'
import { type AppOutcome, commandOf } from '../model/outcome.ts'
import type { HeldWhy, Plan } from '../model/plan.ts'
import type { AppReport } from '../model/revision-report.ts'
import { heldGroups } from '../plan/hold.ts'
import { appStateOf, isDecided } from '../report/report-state.ts'

export const PENDING: AppReport = { word: 'pending', diagnosis: [], unknown: 0 }

const MOST_LINES = 40
const LONGEST_LINE = 500

/** What an outcome means for the revision that touched the app, as it is kept. */
export function reportOf(outcome: AppOutcome, revision: string): AppReport {
  if (GOES_ON.has(outcome.reason ?? '')) return PENDING
  const unknown = outcome.plan ? unknownIn(outcome.plan) : 0
  const pin = outcome.departures?.find(({ why }) => why === 'pinned')
  if (pin && pin.revision !== revision) {
    const to = pin.folder === undefined ? pin.revision?.slice(0, 12) : `the folder ${pin.folder}`
    return {
      word: 'done',
      reason: PINNED,
      message: `pinned by ${pin.by} to ${to}`,
      todo: pin.todo,
      diagnosis: [],
      unknown,
    }
  }
  const left = SUCCEEDED.has(outcome.outcome) && outcome.plan ? stillWaiting(outcome.plan) : undefined
  if (left) return { ...left, diagnosis: [], unknown }
  return { ...wordsOf(outcome), diagnosis: shortened(outcome.diagnosis), unknown }
}

/** A person chose another revision; this one is gone on with when the pin is taken out. */
const PINNED = 'Pinned'

/** We are stopped, or somebody newer takes over: the next tick goes on. */
const GOES_ON: ReadonlySet<string> = new Set(['Aborted', 'Superseded'])

const SUCCEEDED: ReadonlySet<AppOutcome['outcome']> = new Set(['unchanged', 'healed', 'done', 'proven'])

function wordsOf(outcome: AppOutcome): Pick<AppReport, 'word' | 'reason' | 'message' | 'todo'> {
  const { outcome: word, reason, message } = outcome
  // When a bake ends, or a suspension, is no news of the revision.
  if (word === 'applied' || word === 'suspended' || SUCCEEDED.has(word)) return { word }
  const [guard] = outcome.guards
  const todo = guard ? commandOf(guard) : outcome.todo
  return {
    word,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message: clipped(message) }),
    ...(todo === undefined ? {} : { todo }),
  }
}

const shortened = (lines: readonly string[]): readonly string[] =>
  // The end of a log is where it says why it ended.
  lines.slice(-MOST_LINES).map(clipped)

const clipped = (text: string): string => (text.length <= LONGEST_LINE ? text : `${text.slice(0, LONGEST_LINE - 1)}…`)

const unknownIn = ({ held }: Plan): number => held.filter(({ why }) => why === 'unknown').length

/** What of a plan waits although the rest of it stands. */
const WAITS: Readonly<Partial<Record<HeldWhy, string>>> = {
  conflict: 'Conflict',
  data: 'DataChange',
  guard: 'GuardHeld',
  window: 'GuardHeld',
  dependency: 'DependencyNotReady',
  image: 'ImageUnresolved',
}

export function stillWaiting({ held }: Plan): Pick<AppReport, 'word' | 'reason' | 'message'> | undefined {
  const found = held.find(({ why }) => WAITS[why] !== undefined)
  const reason = found && WAITS[found.why]
  return reason === undefined ? undefined : { word: 'waiting', reason, message: `${found?.id}: ${found?.message}` }
}

/**
 * What is known of an app already, and what came now. Success is for good: what befalls the app later is no matter of
 * this revision. A failure stands until a retry tries again; that it is still held back is no news.
 */
export function withNews(known: AppReport, news: AppReport, tried: boolean): AppReport {
  if (!isDecided(known) || known.reason === PINNED) return news
  const again = RETRIED.has(news.word) || (tried && STOPPED.has(news.word))
  return appStateOf(known) === 'failure' && again ? news : known
}

const RETRIED: ReadonlySet<AppReport['word']> = new Set(['applied', 'proven', 'rolled-back', 'rolling-back'])
const STOPPED: ReadonlySet<AppReport['word']> = new Set(['held-back', 'stalled'])

interface StateFacts {
  readonly state: AppState
  /** As the newest look planned it; undefined where no plan of it is known. */
  readonly plan?: Plan
  /** Commits at which the content of the app is the one that is asked about. */
  readonly window: ReadonlySet<string>
  /** ISO time before which nothing counts: a commit that comes back by a force-push was proven once, and is not now. */
  readonly since?: string
}

/**
 * What the state of an app tells of a revision, without an outcome: that a bake was over is found by a later look, and
 * the process may have been killed before anybody was told. Undefined: nothing.
 */
export function reportOfState({ state, plan, window, since = '' }: StateFacts): AppReport | undefined {
  const none = { diagnosis: [], unknown: plan ? unknownIn(plan) : 0 }
  const { attempt, lastGood } = state
  const counts = ({ revision, at }: { readonly revision: string; readonly at: string }): boolean =>
    window.has(revision) && at >= since
  if (lastGood && counts(lastGood)) {
    return { ...((plan && stillWaiting(plan)) ?? { word: 'proven' }), ...none }
  }
  if (attempt)
    return attempt.phase === 'baking' && window.has(attempt.revision) ? { word: 'applied', ...none } : undefined
  const group = heldGroups(state).find(counts)
  if (!group) return undefined
  const { reason, message } = group
  return {
    word: group.keepAt === 'last-good' ? 'rolled-back' : 'held-back',
    reason,
    message: clipped(message),
    ...none,
  }
}
