import type { View } from '../engine/view.ts'
import type { Clock } from '../model/clock.ts'
import type { GitHub, PullRequest } from '../model/github.ts'
import type { Message, Outbox } from '../model/message.ts'
import type { Store } from '../model/store.ts'
import type { CallOptions } from '../model/target.ts'
import { planStatus } from '../report/plan-status.ts'
import { isDue, type KeptPull } from './kept-pull.ts'
import type { KeptPulls } from './kept-pulls.ts'
import { annotationsMessage, annotationsSubject, commentMessage, statusMessage } from './messages.ts'
import { type HeadPlan, isPushedOver, type PlanHeadOptions, planHead, planRevision } from './plan-head.ts'

export interface PlanningOptions extends PlanHeadOptions {
  readonly github: GitHub
  readonly outbox: Outbox
  readonly store: Store
  readonly clock: Clock
  readonly pulls: KeptPulls
  noted(found: PullRequest): void
  /** One that cannot be planned now keeps no other from it, and is tried again at the next look. */
  each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void>
}

/** Plans heads against the newest look at the tip, and says what came of it. */
export interface Planning {
  /** Gives whether the tip is another one. */
  saw(view: View): boolean
  due(options: CallOptions): Promise<void>
  /** Whether it is due or not. */
  one(number: number, options: CallOptions): Promise<void>
}

export function createPlanning(options: PlanningOptions): Planning {
  const { pulls, each } = options
  let view: View | undefined
  return {
    saw: (next) => {
      const isOther = view?.look.revision !== next.look.revision
      view = next
      return isOther
    },
    due: async (call) => {
      const seen = view
      if (!seen) return
      const due = pulls.all().filter((pull) => isDue(pull, seen.look.revision))
      await each(due, ({ number }) => planOne(number, seen, { ...options, ...call }))
      await each(pulls.groups(), (sha) => planGroup(sha, seen, { ...options, ...call }))
    },
    one: async (number, call) => {
      if (view) await planOne(number, view, { ...options, ...call })
    },
  }
}

type Doing = PlanningOptions & CallOptions

async function planOne(number: number, seen: View, doing: Doing): Promise<void> {
  const { pulls, clock } = doing
  const pull = pulls.get(number)
  if (pull?.state !== 'open') return
  const { head, draft } = pull
  const done = await planHead(pull, seen, { ...doing, isOver: (tree) => isMerged(pull, tree, doing) })
  if (!done) return
  const messages = await messagesOf(pull, done, doing)
  const now = pulls.get(number)
  if (!now || now.head !== head || now.state !== 'open') return
  const since = pull.planned?.head === head ? pull.planned.since : clock.now().toISOString()
  const { tip, tree, text, guards, prunes } = done
  const planned = { head, tip, draft, since, ...(tree === undefined ? {} : { tree }), text, guards, prunes }
  pulls.put({ ...now, planned }, messages)
}

/** A head that was planned, and is all in the tip now, was most likely merged: what was shown before stays. */
async function isMerged(
  pull: KeptPull,
  tree: string,
  { store, github, pulls, noted, signal }: Doing,
): Promise<boolean> {
  if (pull.planned?.head !== pull.head || tree !== store.fleet().lastResolved?.tree) return false
  noted(await github.pull(pull.number, { signal }))
  return pulls.get(pull.number)?.state !== 'open'
}

async function messagesOf(pull: KeptPull, done: HeadPlan, doing: Doing): Promise<readonly Message[]> {
  const { install, github, outbox, signal } = doing
  const { head: sha, number } = pull
  const { plan } = done
  const messages = [statusMessage(sha, install, done.status), commentMessage(number, done.text)]
  if (!plan || !github.annotates) return messages
  // Where nothing was ever wrong, nothing is to be taken back.
  const before = outbox.lastSent('github', annotationsSubject(sha)) !== undefined
  if (plan.problems.length === 0 && !before) return messages
  const changed = new Set(plan.problems.length === 0 ? [] : await github.changedFiles(number, { signal }))
  const hasLines = plan.problems.some(({ position }) => changed.has(position.path))
  return before || hasLines ? [...messages, annotationsMessage({ sha, install, plan, changed })] : messages
}

/** A group's head is the merge itself: of everything before it in the queue, too. */
async function planGroup(sha: string, seen: View, doing: Doing): Promise<void> {
  const { source, store, outbox, pulls, install, signal } = doing
  const revision = await source.resolve({ signal, revision: sha }).catch(undefinedIfGone)
  if (!revision) return pulls.dropGroup(sha)
  const plan = await planRevision(revision, seen, { ...doing, fork: false })
  store.transaction(() => {
    outbox.put([statusMessage(sha, install, planStatus(plan))])
    pulls.dropGroup(sha)
  })
}

/** GitHub takes a group apart when something before it in the queue fails. */
function undefinedIfGone(error: unknown): undefined {
  if (!isPushedOver(error)) throw error
}
