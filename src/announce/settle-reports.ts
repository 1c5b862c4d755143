import type { AppState } from '../model/app-state.ts'
import { sameValue } from '../model/digest.ts'
import type { AppOutcome } from '../model/outcome.ts'
import { changesOf, type Plan } from '../model/plan.ts'
import type { AppReport, RevisionReport } from '../model/revision-report.ts'
import { heldGroups } from '../plan/hold.ts'
import { isDecided, STOOD } from '../report/report-state.ts'
import { reportOf, reportOfState, stillWaiting, withNews } from './app-report.ts'

/** A report as it is kept, with what only this folder needs. */
export interface KeptReport extends RevisionReport {
  /** App -> the newer revision that touched it before it was decided, and whose fate is told in its place. */
  readonly taken?: Readonly<Record<string, string>>
  /** Status subject -> what was said last. */
  readonly told?: Readonly<Record<string, string>>
  /** The commits between it and the one before are known. */
  readonly asked?: true
}

/** What is known of the apps at a look. */
export interface FleetFacts {
  readonly now: Date
  state(app: string): AppState
  plan(app: string): Plan | undefined
  /** What runs of it now, after a failure. */
  runs(app: string, word: AppReport['word']): AppReport['running']
  /** Every app that there is; undefined where no look was taken. */
  readonly apps?: ReadonlySet<string>
}

/**
 * The reports of all revisions, oldest first, as they are after a look. Of each app in each revision:
 *
 *   pending --applied--> applied --bake over--> proven
 *   pending | applied --failed--> rolled-back | held-back | stalled --retry--> applied | …
 *   pending | applied --a newer revision touches the app--> taken: told as it goes in that one
 */
export function settleReports(reports: readonly KeptReport[], facts: FleetFacts): readonly KeptReport[] {
  const byState = reports.map((report, index) => byStates(report, { reports, index, facts }))
  const next: KeptReport[] = []
  // The newest first: what took a place is told before the one whose place it took.
  for (const report of [...byState].reverse()) next.push(finished(withTaken(report, next), next.length > 0))
  return next.reverse()
}

interface Among {
  readonly reports: readonly KeptReport[]
  readonly index: number
}

function byStates(report: KeptReport, { reports, index, facts }: Among & { readonly facts: FleetFacts }): KeptReport {
  return withApps(report, (app, known) => {
    if (isDecided(known)) return isOver(app, known, { reports, index, facts }) ? AS_DECLARED : known
    const window = windowOf(app, { reports, index })
    const plan = facts.plan(app)
    const found = reportOfState({ state: facts.state(app), window, since: report.seenAt, ...(plan ? { plan } : {}) })
    if (found && !(found.word === known.word || (found.word === 'applied' && known.word !== 'pending'))) {
      return withRunning(app, found, facts)
    }
    // Neither declared nor on record any more: there is nothing left to be brought anywhere.
    const gone = facts.apps !== undefined && !facts.apps.has(app)
    return gone ? AS_DECLARED : known
  })
}

const AS_DECLARED: AppReport = { word: 'unchanged', diagnosis: [], unknown: 0 }

/** What failed in it is not held any more, by no commit and without a retry, and everything stands as it declares. */
function isOver(app: string, known: AppReport, among: Among & { readonly facts: FleetFacts }): boolean {
  const { reports, index, facts } = among
  if (!STOOD.has(known.word) || reports.some((other, at) => at > index && app in other.apps)) return false
  const plan = facts.plan(app)
  if (!plan || changesOf(plan).length > 0 || stillWaiting(plan)) return false
  const { attempt, stalled, pin, suspension, ...state } = facts.state(app)
  const rests = suspension !== undefined && Date.parse(suspension.until) > facts.now.getTime()
  return !attempt && !stalled && !pin && !rests && heldGroups(state).length === 0
}

/** From a revision on to the next one that touches the app, its content is the same. */
function windowOf(app: string, { reports, index }: Among): ReadonlySet<string> {
  const next = reports.findIndex((other, at) => at > index && app in other.apps)
  return new Set(reports.slice(index, next < 0 ? undefined : next).map(({ revision }) => revision))
}

/** `newer`: the newest first, settled. */
function withTaken(report: KeptReport, newer: readonly KeptReport[]): KeptReport {
  const taken: Record<string, string> = { ...report.taken }
  for (const [app, known] of Object.entries(report.apps)) {
    if (!(app in taken) && isDecided(known)) continue
    const taker = newer.find((other) => app in other.apps)
    if (taker) taken[app] = taker.revision
  }
  const takers = newer.filter(({ revision }) => Object.values(taken).includes(revision))
  const [last] = takers
  if (!last) return report
  const told = withApps(report, (app, known) => {
    const theirs = takers.find(({ revision }) => revision === taken[app])?.apps[app]
    return theirs && isDecided(theirs) ? theirs : known
  })
  const same = sameValue(taken, report.taken ?? {}) && report.supersededBy === last.revision
  return same ? told : { ...told, taken, supersededBy: last.revision }
}

/** What waits as a whole does so only until a newer revision is there; what could not be read never will be. */
function finished(report: KeptReport, isOld: boolean): KeptReport {
  const open = isOld && !report.unread ? withoutWaits(report) : report
  const final = (open.unread === true || open.waits === undefined) && Object.values(open.apps).every(isDecided)
  return open === report && final === report.final ? report : { ...open, final }
}

function withoutWaits(report: KeptReport): KeptReport {
  const { waits, ...rest } = report
  return waits === undefined ? report : rest
}

function withApps(report: KeptReport, next: (app: string, known: AppReport) => AppReport): KeptReport {
  const entries = Object.entries(report.apps).map(([app, known]) => [app, next(app, known)] as const)
  if (entries.every(([app, value]) => sameValue(value, report.apps[app]))) return report
  return { ...report, apps: Object.fromEntries(entries) }
}

/**
 * Takes up how an app fared. An outcome of a revision that nobody announced (a person named it) is of none; of one whose
 * place was taken meanwhile only its own end counts.
 */
export function withOutcome(
  reports: readonly KeptReport[],
  outcome: AppOutcome,
  facts: Pick<FleetFacts, 'runs'>,
): readonly KeptReport[] {
  const { app } = outcome
  const at = reports.findIndex(({ revision }) => revision === outcome.revision)
  const index = reports.findLastIndex(({ apps }, position) => position <= at && app in apps)
  const report = reports[index]
  const known = report?.apps[app]
  if (!report || !known) return reports
  const tried = outcome.steps.length > 0 || outcome.diagnosis.length > 0
  const news = withNews(known, reportOf(outcome, report.revision), tried)
  if (sameValue(withoutRunning(news), withoutRunning(known)) || (report.taken?.[app] !== undefined && !isDecided(news)))
    return reports
  const apps = { ...report.apps, [app]: withRunning(app, news, facts) }
  return reports.with(index, { ...notTaken(report, app), apps, final: false })
}

function withRunning(app: string, news: AppReport, { runs }: Pick<FleetFacts, 'runs'>): AppReport {
  const running = FAILED.has(news.word) ? runs(app, news.word) : undefined
  return running ? { ...news, running } : news
}

const withoutRunning = ({ running: _running, ...rest }: AppReport): AppReport => rest

function notTaken(report: KeptReport, app: string): KeptReport {
  if (report.taken?.[app] === undefined) return report
  const { taken, supersededBy: _by, ...rest } = report
  const { [app]: _gone, ...others } = taken
  return Object.keys(others).length === 0 ? rest : { ...report, taken: others }
}

const FAILED: ReadonlySet<AppReport['word']> = new Set([
  'rolled-back',
  'held-back',
  'stalled',
  'rolling-back',
  'failed',
])
