import type { PullRequest } from '../model/github.ts'
import type { RevisionReport } from '../model/revision-report.ts'
import type { Shelf } from '../model/shelf.ts'
import { closedMessages, mergedMessage, reportOf } from './after-merge.ts'
import type { KeptPull } from './kept-pull.ts'
import type { KeptPulls } from './kept-pulls.ts'

export interface NoticeOptions {
  readonly pulls: KeptPulls
  readonly reports: Shelf<RevisionReport>
  /** The tracked one. */
  readonly branch: string
}

/** Takes up how a pull request stands, and says what follows from that alone: it was merged, or closed without. */
export function createNotice({ pulls, reports, branch }: NoticeOptions): (found: PullRequest) => void {
  const messagesOf = (pull: KeptPull) => {
    if (pull.state === 'closed') return closedMessages(pull)
    if (pull.state !== 'merged') return []
    const all = reports.all().map(({ value }) => value)
    const report = reportOf(pull, all)
    return report ? [mergedMessage(pull, report)] : []
  }
  return (found) => {
    const before = pulls.get(found.number)
    const now = keptOf(found, { before, branch })
    if (now && !(before && sameFacts(before, now))) pulls.put(now, messagesOf(now))
  }
}

function keptOf(
  found: PullRequest,
  { before, branch }: { readonly before: KeptPull | undefined; readonly branch: string },
): KeptPull | undefined {
  const state = stateOf(found, branch)
  // What was over, or of another branch, before we saw it is no matter of ours.
  if (!before && state !== 'open') return undefined
  const { number, head, draft, fork, mergedAs } = found
  // Opened again, it is told again.
  const kept = before?.planned && before.state !== 'open' && state === 'open' ? NOT_OF_ANY_TIP : {}
  const planned = before?.planned && state !== 'elsewhere' ? { planned: { ...before.planned, ...kept } } : {}
  return { number, head: head.sha, draft, fork, state, ...(mergedAs === undefined ? {} : { mergedAs }), ...planned }
}

const NOT_OF_ANY_TIP = { tip: '' }

function stateOf({ state, base, mergedAs }: PullRequest, branch: string): KeptPull['state'] {
  if (base.ref !== branch) return 'elsewhere'
  if (state === 'open') return 'open'
  return mergedAs === undefined ? 'closed' : 'merged'
}

const sameFacts = (a: KeptPull, b: KeptPull): boolean =>
  a.head === b.head && a.draft === b.draft && a.state === b.state && a.mergedAs === b.mergedAs && a.fork === b.fork
