import type { Message } from '../model/message.ts'
import type { RevisionReport } from '../model/revision-report.ts'
import { folded } from '../report/markdown.ts'
import { renderPullComment } from '../report/pull-comment.ts'
import type { KeptPull } from './kept-pull.ts'
import { commentMessage } from './messages.ts'

/** Is this what became of it? Of several merges in a short time, the newest alone may have been looked at. */
export const isReportOf = ({ revision, skipped }: RevisionReport, { state, mergedAs }: KeptPull): boolean =>
  state === 'merged' && mergedAs !== undefined && (revision === mergedAs || skipped.includes(mergedAs))

/** Of all reports the one that tells of the pull request itself, where there is one. */
export function reportOf(pull: KeptPull, reports: readonly RevisionReport[]): RevisionReport | undefined {
  const all = reports.filter((report) => isReportOf(report, pull))
  return all.find(({ revision }) => revision === pull.mergedAs) ?? all[0]
}

/** What happened stands above the plan that was shown before the merge. */
export const mergedMessage = ({ number, planned }: KeptPull, report: RevisionReport): Message =>
  commentMessage(number, renderPullComment({ plan: planned?.text ?? NEVER_PLANNED, report }))

const NEVER_PLANNED = 'It was merged before it was planned.'

/** Nothing of a pull request that is closed is left waiting. Without a comment of ours there is nothing to say. */
export function closedMessages({ number, planned }: KeptPull): readonly Message[] {
  if (!planned) return []
  const text = ['### Closed without a merge: nothing of it is applied', '']
  return [commentMessage(number, [...text, ...folded('The plan, as it was', planned.text.split('\n'))].join('\n'))]
}
