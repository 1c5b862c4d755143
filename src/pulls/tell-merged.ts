import { sameValue } from '../model/digest.ts'
import type { Outbox } from '../model/message.ts'
import type { RevisionReport } from '../model/revision-report.ts'
import type { Shelf } from '../model/shelf.ts'
import { isReportOf, mergedMessage, reportOf } from './after-merge.ts'
import type { KeptPulls } from './kept-pulls.ts'

/** Tells pull requests what became of them after their merge. */
export interface TellMerged {
  reported(report: RevisionReport): void
  /** Says again what a kill may have come in between of: a report is kept before anybody is told of it. */
  again(): void
}

export interface TellMergedOptions {
  readonly pulls: KeptPulls
  readonly reports: Shelf<RevisionReport>
  readonly outbox: Outbox
}

export function createTellMerged({ pulls, reports, outbox }: TellMergedOptions): TellMerged {
  /** Of which the last word was sent. */
  const told = new Set<number>()
  return {
    reported: (report) => {
      const merged = pulls.all().filter((pull) => isReportOf(report, pull))
      const mine = merged.filter((pull) => report.revision === pull.mergedAs || !reports.get(pull.mergedAs ?? ''))
      for (const { number } of mine) told.delete(number)
      if (mine.length > 0) outbox.put(mine.map((pull) => mergedMessage(pull, report)))
    },
    again: () => {
      const open = pulls.all().filter(({ state, number }) => state === 'merged' && !told.has(number))
      const all = open.length > 0 ? reports.all().map(({ value }) => value) : []
      for (const pull of open) {
        const report = reportOf(pull, all)
        const message = report && mergedMessage(pull, report)
        if (!message) continue
        const isSent = sameValue(outbox.lastSent(message.sink, message.subject), message.body)
        if (!isSent) outbox.put([message])
        else if (report.final) told.add(pull.number)
      }
    },
  }
}
