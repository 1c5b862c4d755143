import type { View } from '../engine/view.ts'
import type { Agent } from '../model/agent.ts'
import type { Incident } from '../model/incident.ts'
import type { AppOutcome, FleetOutcome } from '../model/outcome.ts'
import type { StandingCheck } from '../model/standing.ts'
import { budgetsNow, isOfBudget } from './incidents/budgets.ts'
import { failedIn } from './incidents/failed.ts'
import { foundIn } from './incidents/incidents-of.ts'
import { createLedger } from './incidents/ledger.ts'
import { lookFailed } from './incidents/live.ts'
import { isOfRun, runsNow } from './incidents/runs.ts'
import { isOfStanding, standingNow } from './incidents/standing.ts'
import { createRevisions, type RevisionsOptions } from './revisions.ts'

export interface AnnouncerOptions extends RevisionsOptions {
  /** Commits after `before` and before `after`, newest first. */
  readonly between: (before: string, after: string) => Promise<readonly string[]>
  /** Names of the sinks that hear of an incident: `chat:ops`. */
  readonly routes: (incident: Incident) => readonly string[]
}

/**
 * Says what happens: statuses on commits of the tracked branch, and incidents, by way of the outbox. Every call is cheap and is done
 * when it returns, but for the commits that were skipped, which git is asked for on the side.
 */
export interface Announcer {
  /** After each look at the whole fleet by the tracked branch, with its plans. */
  onLook(view: View): void
  /** When the reconcile of an app ends. */
  onOutcome(outcome: AppOutcome, view: View): void
  /** When the last app of a tick ended. */
  onTickEnd(view: View, outcome: FleetOutcome): void
  /** A look that could not be taken: the source is down and was never read, the database is locked. */
  onSourceDown(error: unknown): void
  /** What these checks, and the alerts that were sent to us, are by now. */
  onStanding(checks: readonly StandingCheck[]): void
  /** What budgets are by now: after each evaluation, and when agents have stopped. */
  onBudgets(): void
  /** What runs of these agents came to by now: after each look, and when one has ended. */
  onRuns(agents: readonly Agent[]): void
  /** At start, and now and then: nothing that is over stays pending. */
  sweep(): void
  /** Ends when git was asked for everything: for a stop, and for tests. */
  settled(): Promise<void>
}

export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const revisions = createRevisions(options)
  const ledger = createLedger(options)
  const seenOf = (view: View) => ({ view, now: options.clock.now(), failureOf: revisions.failureOf })
  const undecided = (app: string): boolean => options.store.app(app).attempt !== undefined
  let asking: Promise<void> = Promise.resolve()
  const ask = (): void => {
    asking = asking.then(async () => {
      for (const { revision, before } of revisions.unasked()) {
        if (before === undefined) continue
        // A source that is down now is asked again by the next sweep.
        const commits = await options.between(before, revision).catch(() => undefined)
        if (commits) revisions.skipped(revision, commits)
      }
    })
  }
  return {
    onLook: (view) => {
      revisions.looked(view)
      ledger.seen(foundIn(seenOf(view)), {
        covers: (incident) => !isOfStanding(incident) && !isOfBudget(incident) && !isOfRun(incident),
        undecided,
      })
      if (revisions.unasked().length > 0) ask()
    },
    onOutcome: (outcome, view) => {
      const { app } = outcome
      revisions.ended(outcome, view)
      // Of another revision, that a person named, what is stalled or held is not told.
      if (view.look.revision !== options.store.fleet().lastResolved?.commit) return
      const covers = (incident: Incident): boolean => incident.app === app && OF_STATE.test(incident.key)
      ledger.seen(failedIn(app, seenOf(view)), { covers, undecided })
    },
    onTickEnd: () => {},
    onSourceDown: (error) => {
      const covers = ({ key }: Incident): boolean => OF_LOOK.has(key)
      ledger.seen([lookFailed(error)], { covers, undecided })
    },
    onStanding: (checks) => {
      const { found, covers } = standingNow({ store: options.store, checks, now: options.clock.now() })
      ledger.seen(found, { covers, undecided })
    },
    onRuns: (agents) => ledger.seen(runsNow(options.store, agents), { covers: isOfRun, undecided }),
    onBudgets: () => ledger.seen(budgetsNow(options.store), { covers: isOfBudget, undecided }),
    sweep: () => {
      revisions.sweep()
      ask()
    },
    settled: () => asking,
  }
}

/** Of a look that was not taken; one that was ends them. */
const OF_LOOK: ReadonlySet<string> = new Set(['source', 'refused', 'look'])

/** Told by the state of the app alone, which an outcome changes; for the rest a look is needed. */
const OF_STATE = /^(failed|held-back|stalled|rolling-back|failing):/
