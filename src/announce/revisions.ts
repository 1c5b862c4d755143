import type { View } from '../engine/view.ts'
import type { Clock } from '../model/clock.ts'
import type { Message, Outbox } from '../model/message.ts'
import type { AppOutcome } from '../model/outcome.ts'
import { changesOf, type Plan } from '../model/plan.ts'
import { formatProblem } from '../model/problem.ts'
import type { AppReport, RevisionReport } from '../model/revision-report.ts'
import type { Store } from '../model/store.ts'
import { appStateOf } from '../report/report-state.ts'
import { PENDING, reportOfState } from './app-report.ts'
import { astrayIn } from './astray.ts'
import { runningNow } from './running-now.ts'
import { type FleetFacts, type KeptReport, settleReports, withOutcome } from './settle-reports.ts'
import { newsOf, statusesOf } from './statuses.ts'
import { type AppDigests, digestsOf, touchedApps, unreadOf } from './touched.ts'

export interface RevisionsOptions {
  readonly store: Store
  readonly outbox: Outbox
  readonly clock: Clock
  readonly install: string
  /** Statuses are put, not only reports kept. */
  readonly github: boolean
  readonly onReport?: (report: RevisionReport) => void
}

/** Reports of how revisions of the tracked branch go, kept and told. */
interface Revisions {
  /** A look of the tracked branch: begins the report of a revision that was not seen before. */
  looked(view: View): void
  ended(outcome: AppOutcome, view: View): void
  /** By what is kept alone: says again what may not have been said. */
  sweep(): void
  /** Revisions of which the commits before them are not known yet. */
  unasked(): readonly Pick<RevisionReport, 'revision' | 'before'>[]
  skipped(revision: string, commits: readonly string[]): void
  /** How the newest revision that touched an app failed in it; undefined where it did not. */
  failureOf(app: string): AppReport | undefined
}

/** The tip, as it was seen last. */
interface Announced {
  readonly commit: string
  readonly digests: AppDigests
}

const TIP = 'tip'
/** Older ones are over, or nobody looks at them any more. */
const MOST_REPORTS = 300
/** Of a push of more commits than this, the oldest get no status. */
const MOST_SKIPPED = 100

export function createRevisions(options: RevisionsOptions): Revisions {
  const { store, outbox, clock } = options
  const shelf = store.shelf<KeptReport>('revision')
  const announced = store.shelf<Announced>('announced')
  let kept: readonly KeptReport[] = shelf.all().map(({ value }) => value)
  const now = (): string => clock.now().toISOString()

  const told = (report: KeptReport): { readonly report: KeptReport; readonly messages: readonly Message[] } => {
    if (!options.github) return { report, messages: [] }
    const news = newsOf(statusesOf(report, options.install), report.told ?? {})
    return news.messages.length === 0 ? { report, messages: [] } : { ...news, report: { ...report, told: news.told } }
  }

  /** What is kept and what is said of it stand or fall together; `make` may keep more in the same transaction. */
  const keep = (make: () => readonly KeptReport[]): void => {
    const before = new Set(kept)
    const { all, news } = store.transaction(() => {
      const reports = make()
      const dropped = reports.slice(0, Math.max(0, reports.length - MOST_REPORTS))
      const next = reports
        .slice(dropped.length)
        .map((report) => (before.has(report) ? { report, messages: [] } : told(report)))
      const changed = next.filter(({ report }) => !before.has(report))
      for (const { revision } of dropped) shelf.drop(revision)
      for (const { report } of changed) shelf.put(report.revision, report, now())
      const messages = changed.flatMap((one) => one.messages)
      if (messages.length > 0) outbox.put(messages)
      return { all: next.map(({ report }) => report), news: changed.map(({ report }) => report) }
    })
    kept = all
    for (const report of news) options.onReport?.(report)
  }

  const announce = (view: View, tip: Announced | undefined): readonly KeptReport[] => {
    const { look } = view
    if (look.stale || look.revision !== store.fleet().lastResolved?.commit) return kept
    const digests = digestsOf(look.desired, tip?.digests ?? {})
    if (tip?.commit === look.revision) {
      // A new version of us, or a secret that changed, may render the same commit otherwise.
      if (touchedApps(tip.digests, digests).length > 0) announced.put(TIP, { commit: tip.commit, digests }, now())
      return kept.map((report) => (report.revision === look.revision ? withWaits(report, view) : report))
    }
    const report = tip ? laterReport(view, { tip, digests, at: now() }) : firstReport(view, now())
    announced.put(TIP, { commit: look.revision, digests }, now())
    // A commit that comes back by a force-push is the newest again.
    shelf.drop(look.revision)
    const others = kept.filter(({ revision }) => revision !== look.revision)
    return report ? [...others, report] : others
  }

  const byState = (): FleetFacts => ({ ...stateFacts(options), plan: () => undefined })
  return {
    looked: (view) => keep(() => settleReports(announce(view, announced.get(TIP)), factsOf(view, options))),
    ended: (outcome, view) => {
      const reports = withOutcome(kept, withProblems(outcome, view), byState())
      if (reports !== kept) keep(() => settleReports(reports, byState()))
    },
    sweep: () => {
      keep(() => settleReports(kept, byState()))
      const messages = options.github ? kept.flatMap((report) => (report.final ? unsaid(report, options) : [])) : []
      if (messages.length > 0) outbox.put(messages)
    },
    failureOf: (app) => {
      const newest = kept.findLast(({ apps }) => app in apps)?.apps[app]
      return newest && appStateOf(newest) === 'failure' ? newest : undefined
    },
    unasked: () => kept.filter(({ asked, before }) => !asked && before !== undefined),
    skipped: (revision, commits) => {
      const known = new Set(kept.map((report) => report.revision))
      const skipped = commits.filter((commit) => !known.has(commit)).slice(0, MOST_SKIPPED)
      keep(() => kept.map((report) => (report.revision === revision ? { ...report, skipped, asked: true } : report)))
    },
  }
}

/** A final state whose `pending` is the last thing that GitHub heard. */
function unsaid(report: KeptReport, { install, outbox }: RevisionsOptions): readonly Message[] {
  return statusesOf(report, install).filter(({ sink, subject }) => {
    const last = outbox.lastSent(sink, subject)
    return isPending(last)
  })
}

const isPending = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'state' in body && body.state === 'pending'

/** What cannot be read is told by its place. */
function withProblems(outcome: AppOutcome, { look }: View): AppOutcome {
  if (outcome.reason !== 'InvalidDesired') return outcome
  const problems = look.desired.problems.filter(({ severity, app }) => severity === 'error' && app === outcome.app)
  const [message, ...more] = problems.map(formatProblem)
  return message === undefined ? outcome : { ...outcome, message, diagnosis: more }
}

function factsOf({ planned }: View, options: RevisionsOptions): FleetFacts {
  const plans = new Map<string, Plan>(planned.map(({ app, plan }) => [app, plan]))
  return { ...stateFacts(options), plan: (app) => plans.get(app), apps: new Set(plans.keys()) }
}

const stateFacts = ({ store, clock }: RevisionsOptions): Pick<FleetFacts, 'now' | 'state' | 'runs'> => ({
  now: clock.now(),
  state: (app) => store.app(app),
  runs: (app, word) => runningNow(app, word, store),
})

function withWaits(report: KeptReport, view: View): KeptReport {
  const { waits: before, unread: _unread, ...rest } = report
  const found = waitsOf(view)
  return before === found.waits ? report : { ...rest, ...found }
}

/** What keeps the revision as a whole. */
function waitsOf({ store, look }: View): Pick<RevisionReport, 'waits' | 'unread'> {
  const [first, ...more] = unreadOf(look.desired)
  if (first)
    return { waits: `${formatProblem(first)}${more.length > 0 ? `, and ${more.length} more` : ''}`, unread: true }
  const waits = look.observeOnly ?? astrayIn({ store, look })
  return waits === undefined ? {} : { waits }
}

interface Later {
  readonly tip: Announced
  readonly digests: AppDigests
  /** ISO time. */
  readonly at: string
}

function laterReport(view: View, { tip, digests, at }: Later): KeptReport {
  const touched = touchedApps(tip.digests, digests)
  const apps = Object.fromEntries(touched.map((app) => [app, PENDING]))
  return {
    revision: view.look.revision,
    before: tip.commit,
    skipped: [],
    seenAt: at,
    apps,
    ...waitsOf(view),
    final: false,
  }
}

/**
 * At the first look, or after the database was lost, nothing is known of the revision before: it is told how this one goes
 * in the apps that it is to be brought to yet, and in those whose state says that it was. A commit that everything stands
 * at since long gets no status.
 */
function firstReport(view: View, at: string): KeptReport | undefined {
  const { revision } = view.look
  const apps = Object.fromEntries(
    view.planned.flatMap(({ app, plan }): (readonly [string, AppReport])[] => {
      const state = view.store.app(app)
      const found = reportOfState({ state, plan, window: new Set([revision]) })
      const begins = changesOf(plan).some(({ cause }) => cause === 'revision') || state.attempt !== undefined
      if (!found && !begins) return []
      return [[app, found ?? PENDING]]
    }),
  )
  const waits = waitsOf(view)
  if (Object.keys(apps).length === 0 && waits.waits === undefined) return undefined
  return { revision, skipped: [], seenAt: at, apps, ...waits, final: false }
}
