import type { PlanPull } from '../engine/plan-pull.ts'
import type { View } from '../engine/view.ts'
import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { GitHub } from '../model/github.ts'
import type { ResourceId } from '../model/id.ts'
import type { Loop } from '../model/loop.ts'
import type { Outbox } from '../model/message.ts'
import type { RevisionReport } from '../model/revision-report.ts'
import type { Source } from '../model/source.ts'
import type { Store } from '../model/store.ts'
import type { CallOptions } from '../model/target.ts'
import { createCommands } from './commands.ts'
import { createKeptPulls, type KeptPulls } from './kept-pulls.ts'
import { createNotice } from './notice.ts'
import { isPushedOver } from './plan-head.ts'
import { createPlanning } from './planning.ts'
import { shownPrunes } from './shown-prunes.ts'
import { createTellMerged } from './tell-merged.ts'
import { createTurns } from './turns.ts'

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
  const { github, store, branch, signal } = options
  const pulls = createKeptPulls(options)
  const reports = store.shelf<RevisionReport>('revision')
  const noted = createNotice({ pulls, reports, branch })
  const each = eachOf(options)
  const planning = createPlanning({ ...options, pulls, noted, each })
  const merged = createTellMerged({ ...options, pulls, reports })
  const turns = createTurns()
  const failed = (error: unknown): void => {
    if (!signal.aborted) options.failed(error)
  }
  const aside = (work: () => Promise<unknown>): void => void turns.do(work).catch(failed)
  const refresh = async (number: number, call: CallOptions): Promise<void> => noted(await github.pull(number, call))
  const commands = createCommands({
    ...options,
    pullOf: pulls.get,
    refresh: (number, call) => turns.do(() => refresh(number, call)),
    replan: (number, call) => turns.do(() => planning.one(number, call)).then(() => pulls.get(number)),
  })
  return {
    look: async (call) => {
      const looked = await Promise.allSettled([
        turns.do(() => lookAtPulls({ ...options, ...call, pulls, noted, each })),
      ])
      merged.again()
      const asked = await Promise.allSettled([commands.look(call)])
      await turns.do(() => planning.due(call))
      const first = [...looked, ...asked].find(({ status }) => status === 'rejected')
      if (first?.status === 'rejected') throw first.reason
    },
    nudge: (number) => aside(() => refresh(number, { signal }).then(() => planning.due({ signal }))),
    commented: () => void commands.look({ signal }).catch(failed),
    mergeGroup: (sha, base) => {
      if (base !== branch) return
      pulls.putGroup(sha)
      aside(() => planning.due({ signal }))
    },
    tipMoved: (view) => {
      if (planning.saw(view)) aside(() => planning.due({ signal }))
    },
    revisionReported: merged.reported,
    shownPrunes: (commit) => shownPrunes(commit, { pulls: pulls.all(), store }),
    settled: async () => {
      for (let before: unknown; before !== turns.last(); ) {
        before = turns.last()
        await before
        await commands.settled()
      }
    },
  }
}

/** What fails for one of many is told, and the others have their turn. */
const eachOf =
  ({ signal, failed }: Pick<PullWatcherOptions, 'signal' | 'failed'>) =>
  async <T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> => {
    for (const one of all) {
      try {
        await work(one)
      } catch (error) {
        signal.throwIfAborted()
        if (!isPushedOver(error)) failed(error)
      }
    }
  }

interface Looking extends CallOptions, Pick<PullWatcherOptions, 'github' | 'branch'> {
  readonly pulls: KeptPulls
  readonly noted: ReturnType<typeof createNotice>
  readonly each: ReturnType<typeof eachOf>
}

/** Those that are open, and those that were. */
async function lookAtPulls({ github, branch, pulls, noted, each, signal }: Looking): Promise<void> {
  const open = await github.openPulls(branch, { signal })
  for (const pull of open) noted(pull)
  const listed = new Set(open.map(({ number }) => number))
  const gone = pulls.all().filter(({ state, number }) => state === 'open' && !listed.has(number))
  await each(gone, async (pull) => {
    const found = await github.pull(pull.number, { signal }).catch(undefinedIfRefused)
    if (found) noted(found)
    else pulls.put({ ...pull, state: 'elsewhere' })
  })
}

/** It is not there any more, or not for us. */
function undefinedIfRefused(error: unknown): undefined {
  if (!(error instanceof ReconcileError) || error.reason !== 'ReportRefused') throw error
}
