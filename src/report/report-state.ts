import type { AppReport, RevisionReport } from '../model/revision-report.ts'

export type ReportState = 'pending' | 'success' | 'failure'

const STATES: Readonly<Record<AppReport['word'], ReportState>> = {
  pending: 'pending',
  unchanged: 'success',
  applied: 'pending',
  healed: 'success',
  done: 'success',
  proven: 'success',
  'rolled-back': 'failure',
  'rolling-back': 'failure',
  'held-back': 'failure',
  failed: 'failure',
  stalled: 'failure',
  waiting: 'pending',
  suspended: 'pending',
  unknown: 'pending',
}

/** Busy, and waiting for a person, is pending with a reason, never a failure (reliability.md 8). */
export const appStateOf = (app: Pick<AppReport, 'word' | 'reason'>): ReportState =>
  isUnreadApp(app) ? 'failure' : STATES[app.word]

/** Its documents cannot be read: only a commit ends that. */
export const isUnreadApp = ({ word, reason }: Pick<AppReport, 'word' | 'reason'>): boolean =>
  word === 'waiting' && reason === 'InvalidDesired'

/** It failed, and stands where it was put until a person comes. */
export const STOOD: ReadonlySet<AppReport['word']> = new Set(['rolled-back', 'held-back', 'stalled'])

/** Nothing about it changes any more by itself: it is as declared, or a person is needed. */
export const isDecided = (app: AppReport): boolean =>
  appStateOf(app) === 'success' || STOOD.has(app.word) || isUnreadApp(app)

/** The worst of its apps: one that failed is told at once, whatever the others still do. */
export function revisionStateOf({ apps, waits, unread, supersededBy }: RevisionReport): ReportState {
  if (unread) return 'failure'
  if (waits !== undefined && supersededBy === undefined) return 'pending'
  const states = new Set(Object.values(apps).map(appStateOf))
  if (states.has('failure')) return 'failure'
  return states.has('pending') ? 'pending' : 'success'
}
