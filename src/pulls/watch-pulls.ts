import type { PlanPull } from '../engine/plan-pull.ts'
import type { View } from '../engine/view.ts'
import type { Clock } from '../model/clock.ts'
import { sameValue } from '../model/digest.ts'
import { ReconcileError } from '../model/error.ts'
import type { GitHub, PullRequest } from '../model/github.ts'
import type { ResourceId } from '../model/id.ts'
import type { Loop } from '../model/loop.ts'
import type { Message, Outbox } from '../model/message.ts'
import type { RevisionReport } from '../model/revision-report.ts'
import type { Source } from '../model/source.ts'
import type { Store } from '../model/store.ts'
import type { CallOptions } from '../model/target.ts'
import { planStatus } from '../report/plan-status.ts'
import { closedMessages, isReportOf, mergedMessage, reportOf } from './after-merge.ts'
import { createCommands } from './commands.ts'
import { isDue, type KeptPull } from './kept-pull.ts'
import { createKeptPulls } from './kept-pulls.ts'
import { annotationsMessage, annotationsSubject, commentMessage, statusMessage } from './messages.ts'
import { type HeadPlan, isPushedOver, planHead, planRevision } from './plan-head.ts'

export interface PullWatcherOptions {
  readonly github: GitHub
  readonly source: Source
  readonly planPull: PlanPull
  readonly outbox: Outbox
  readonly store: Store
  readonly clock: Clock
  readonly loop: Pick<Loop, 'reconcile' | 'engine'>
  readonly install: string
  /** The tracked one. */
  readonly branch: string
  /** Ends what was begun by a nudge: the life of the daemon. */
  readonly signal: AbortSignal
  /** Told of what failed beside `look`; it is tried again at the next one. */
  failed(error: unknown): void
}

/**
 * Pull requests to the tracked branch (surface.md, GitHub): each is planned when its head, the tip or its draft state
 * changes, is told what became of it after its merge, and its comments may ask for something. A look finds everything; a
 * nudge only makes it sooner. One thing at a time, but for what a comment asked for, which may take as long as an apply.
 */
export interface PullWatcher {
  look(options: CallOptions): Promise<void>
  nudge(pull: number): void
  commented(): void
  /** The head of a merge queue's group; `base` is the branch that it is to be merged to. */
  mergeGroup(sha: string, base: string): void
  /** After each look at the fleet by the tracked branch. */
  tipMoved(view: View): void
  revisionReported(report: RevisionReport): void
  /** What the plan of the pull request that a commit came from had shown to go (rule 13); undefined where there is none. */
  shownPrunes(commit: string): ReadonlySet<ResourceId> | undefined
  /** Ends when everything that was begun is done: for tests, and for a stop. */
  settled(): Promise<void>
}

export function createPullWatcher(options: PullWatcherOptions): PullWatcher {
  const { github, outbox, store, clock, install, branch } = options
  const pulls = createKeptPulls(options)
  const reports = store.shelf<RevisionReport>('revision')
  /** Of which the last word was sent. */
  const told = new Set<number>()
  let view: View | undefined
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }
  const aside = (work: () => Promise<unknown>): void =>
    void inTurn(work).catch((error: unknown) => {
      if (!options.signal.aborted) options.failed(error)
    })

  const noted = (found: PullRequest): void => {
    const before = pulls.get(found.number)
    const now = keptOf(found, { before, branch })
    if (!now || (before && sameFacts(before, now))) return
    const report =
      now.state === 'merged'
        ? reportOf(
            now,
            reports.all().map(({ value }) => value),
          )
        : undefined
    const news: readonly Message[] = report ? [mergedMessage(now, report)] : []
    pulls.put(now, now.state === 'closed' ? closedMessages(now) : news)
  }

  const lookAtPulls = async (call: CallOptions): Promise<void> => {
    const open = await github.openPulls(branch, call)
    for (const pull of open) noted(pull)
    const listed = new Set(open.map(({ number }) => number))
    const gone = pulls.all().filter(({ state, number }) => state === 'open' && !listed.has(number))
    await each(gone, async (pull) => {
      const found = await github.pull(pull.number, call).catch(undefinedIfRefused)
      if (found) noted(found)
      else pulls.put({ ...pull, state: 'elsewhere' })
    })
  }

  /** Says again what a kill may have come in between of: a report is kept before anybody is told of it. */
  const tellMerged = (): void => {
    const all = reports.all().map(({ value }) => value)
    for (const pull of pulls.all()) {
      if (pull.state !== 'merged' || told.has(pull.number)) continue
      const report = reportOf(pull, all)
      const message = report && mergedMessage(pull, report)
      if (!message) continue
      const isSent = sameValue(outbox.lastSent('github', message.subject), message.body)
      if (!isSent) outbox.put([message])
      else if (report.final) told.add(pull.number)
    }
  }

  const said = async (pull: KeptPull, done: HeadPlan, call: CallOptions): Promise<readonly Message[]> => {
    const { head: sha, number } = pull
    const messages = [statusMessage(sha, install, done.status), commentMessage(number, done.text)]
    const { plan } = done
    if (!plan || !github.annotates) return messages
    const before = outbox.lastSent('github', annotationsSubject(sha)) !== undefined
    if (plan.problems.length === 0 && !before) return messages
    const changed = new Set(plan.problems.length === 0 ? [] : await github.changedFiles(number, call))
    const lines = annotationsMessage({ sha, install, plan, changed })
    return before || ('annotations' in lines.body && lines.body.annotations.length > 0)
      ? [...messages, lines]
      : messages
  }

  /** A head that was planned, and is all in the tip now, was most likely merged: what was shown before stays. */
  const isMerged = async (pull: KeptPull, tree: string, call: CallOptions): Promise<boolean> => {
    if (pull.planned?.head !== pull.head || tree !== store.fleet().lastResolved?.tree) return false
    noted(await github.pull(pull.number, call))
    return pulls.get(pull.number)?.state !== 'open'
  }

  const planOne = async (number: number, seen: View, call: CallOptions): Promise<void> => {
    const pull = pulls.get(number)
    if (pull?.state !== 'open') return
    const { head, draft } = pull
    const isOver = (tree: string): Promise<boolean> => isMerged(pull, tree, call)
    const done = await planHead(pull, seen, { ...options, ...call, isOver })
    if (!done) return
    const messages = await said(pull, done, call)
    const now = pulls.get(number)
    if (!now || now.head !== head || now.state !== 'open') return
    const since = pull.planned?.head === head ? pull.planned.since : clock.now().toISOString()
    const { tip, tree, text, guards, prunes } = done
    const planned = { head, tip, draft, since, ...(tree === undefined ? {} : { tree }), text, guards, prunes }
    pulls.put({ ...now, planned }, messages)
  }

  /** One that cannot be planned now keeps no other from it, and is tried again at the next look. */
  const each = async <T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> => {
    for (const one of all) {
      try {
        await work(one)
      } catch (error) {
        options.signal.throwIfAborted()
        if (!isPushedOver(error)) options.failed(error)
      }
    }
  }

  const planDue = async (call: CallOptions): Promise<void> => {
    const seen = view
    if (!seen) return
    const due = pulls.all().filter((pull) => isDue(pull, seen.look.revision))
    await each(due, ({ number }) => planOne(number, seen, call))
    await each(pulls.groups(), (sha) => planGroup(sha, seen, call))
  }

  /** A group's head is the merge itself: of everything before it in the queue, too. */
  const planGroup = async (sha: string, seen: View, call: CallOptions): Promise<void> => {
    const revision = await options.source.resolve({ ...call, revision: sha }).catch(undefinedIfGone)
    if (!revision) return pulls.dropGroup(sha)
    const plan = await planRevision(revision, seen, { ...options, ...call, fork: false })
    store.transaction(() => {
      outbox.put([statusMessage(sha, install, planStatus(plan))])
      pulls.dropGroup(sha)
    })
  }

  const replan = async (number: number, call: CallOptions): Promise<KeptPull | undefined> => {
    noted(await github.pull(number, call))
    if (view) await planOne(number, view, call)
    return pulls.get(number)
  }

  const commands = createCommands({
    ...options,
    pullOf: pulls.get,
    refresh: (number, call) => inTurn(async () => noted(await github.pull(number, call))),
    replan: (number, call) => inTurn(() => replan(number, call)),
  })

  const own: CallOptions = { signal: options.signal }
  return {
    look: async (call) => {
      const looked = await Promise.allSettled([inTurn(() => lookAtPulls(call))])
      tellMerged()
      const asked = await Promise.allSettled([commands.look(call)])
      await inTurn(() => planDue(call))
      const failed = [...looked, ...asked].find(({ status }) => status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
    },
    nudge: (number) =>
      aside(async () => {
        noted(await github.pull(number, own))
        await planDue(own)
      }),
    commented: () => void commands.look(own).catch((error: unknown) => own.signal.aborted || options.failed(error)),
    mergeGroup: (sha, base) => {
      if (base !== branch) return
      pulls.putGroup(sha)
      aside(() => planDue(own))
    },
    tipMoved: (next) => {
      const moved = view?.look.revision !== next.look.revision
      view = next
      if (moved) aside(() => planDue(own))
    },
    revisionReported: (report) => {
      const merged = pulls.all().filter((pull) => isReportOf(report, pull))
      const mine = merged.filter((pull) => report.revision === pull.mergedAs || !reports.get(pull.mergedAs ?? ''))
      for (const { number } of mine) told.delete(number)
      if (mine.length > 0) outbox.put(mine.map((pull) => mergedMessage(pull, report)))
    },
    shownPrunes: (commit) => {
      const { lastResolved } = store.fleet()
      const tree = lastResolved?.commit === commit ? lastResolved.tree : undefined
      const from = pulls.all().filter((pull) => isFrom(pull, { commit, tree }))
      if (from.length === 0) return undefined
      // What a merge before it had shown may still be on its way.
      const merged = pulls.all().filter(({ state }) => state === 'merged')
      return new Set([...from, ...merged].flatMap(({ planned }) => planned?.prunes ?? []))
    },
    settled: async () => {
      for (let before: unknown; before !== last; ) {
        before = last
        await before
        await commands.settled()
      }
    },
  }
}

/** It is not there any more, or not for us. */
function undefinedIfRefused(error: unknown): undefined {
  if (!(error instanceof ReconcileError) || error.reason !== 'ReportRefused') throw error
}

/** GitHub takes a group apart when something before it in the queue fails. */
function undefinedIfGone(error: unknown): undefined {
  if (!isPushedOver(error)) throw error
}

/** By the commit that GitHub names, or, where it was not asked yet, by the tree that its merge was to have. */
function isFrom(
  { state, planned, head, mergedAs }: KeptPull,
  { commit, tree }: { readonly commit: string; readonly tree: string | undefined },
): boolean {
  if (planned === undefined || planned.head !== head) return false
  return state === 'merged' ? mergedAs === commit : state === 'open' && tree !== undefined && planned.tree === tree
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
