import type { PlanPull } from '../engine/plan-pull.ts'
import type { View } from '../engine/view.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { ResourceId } from '../model/id.ts'
import type { FleetPlan } from '../model/outcome.ts'
import { type Change, changesOf } from '../model/plan.ts'
import type { Revision, Source } from '../model/source.ts'
import type { CallOptions } from '../model/target.ts'
import { planStatus } from '../report/plan-status.ts'
import { renderPullPlan } from '../report/pull-comment.ts'
import { type StatusText, statusLine } from '../report/status-text.ts'
import type { KeptPull, PlannedHead } from './kept-pull.ts'

export interface PlanHeadOptions {
  readonly source: Source
  readonly planPull: PlanPull
  readonly install: string
  /** The tracked one. */
  readonly branch: string
}

/** What is said of a head in this moment. */
export interface HeadPlan extends Pick<PlannedHead, 'tip' | 'tree' | 'text' | 'guards' | 'prunes'> {
  readonly status: StatusText
  readonly plan?: FleetPlan
}

/**
 * Plans the merge of a head into the tip, which we make ourselves: GitHub's own may be of another tip, and says so to
 * nobody. What cannot be merged or read has a status, too. Throws what may pass by itself. Undefined where `isOver`
 * says of the merged tree that there is nothing to plan any more.
 */
export async function planHead(
  pull: Pick<KeptPull, 'number' | 'head' | 'fork'>,
  view: View,
  options: PlanHeadOptions & CallOptions & { isOver(tree: string): Promise<boolean> },
): Promise<HeadPlan | undefined> {
  const { source, branch, install, signal } = options
  const { head, number, fork } = pull
  const tip = view.look.revision
  const base = { install, head, tip, command: `swarmkeeper plan --revision refs/pull/${number}/merge` }
  const without = (failure: string): HeadPlan => ({
    tip,
    text: renderPullPlan({ ...base, failure }),
    guards: [],
    prunes: [],
    status: { state: 'failure', description: statusLine(failure) },
  })
  const orWhyNot = async <T>(work: Promise<T>): Promise<T | HeadPlan> => {
    try {
      return await work
    } catch (error) {
      if (signal.aborted || isPassing(error)) throw error
      return without(`it could not be planned: ${messageOf(error)}`)
    }
  }
  const merged = await orWhyNot(source.merged({ into: tip, head, ref: `refs/pull/${number}/head` }, { signal }))
  if ('text' in merged) return merged
  if ('conflicts' in merged) return without(conflictWords(merged.conflicts, branch))
  const { revision } = merged
  if (await options.isOver(revision.tree)) return undefined
  const plan = await orWhyNot(planRevision(revision, view, { ...options, fork }))
  if ('text' in plan) return plan
  const text = renderPullPlan({ ...base, plan, notes: notesOf(plan, { fork, branch }) })
  return { tip, tree: revision.tree, text, status: planStatus(plan), plan, ...shownIn(plan) }
}

export async function planRevision(
  revision: Revision,
  view: View,
  { source, planPull, fork, signal }: PlanHeadOptions & CallOptions & { readonly fork: boolean },
): Promise<FleetPlan> {
  return planPull({ view, snapshot: await source.read(revision, { signal }), fork }, { signal })
}

/** It was pushed over, or taken apart, since we were told of it: the next look knows more. */
export const isPushedOver = (error: unknown): boolean => error instanceof ReconcileError && error.reason === 'NotFound'

const isPassing = (error: unknown): boolean =>
  isPushedOver(error) || (error instanceof ReconcileError && (error.retryable || error.reason === 'Aborted'))

const MOST_NAMED = 5

function conflictWords(conflicts: readonly string[], branch: string): string {
  if (conflicts.length === 0) return `it cannot be merged into ${branch} as it is`
  return `it conflicts with ${branch}: ${someOf(conflicts)}`
}

const someOf = (names: readonly string[]): string => {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`
}

function notesOf(
  { apps }: FleetPlan,
  { fork, branch }: { readonly fork: boolean; readonly branch: string },
): readonly string[] {
  const fresh = apps.flatMap(({ unobserved = [] }) => unobserved)
  const due = apps.flatMap(({ dueAnyway = [] }) => dueAnyway)
  return [
    ...(fork ? [`From a fork: compared with what ${branch} declares. Nothing that runs is looked at or shown.`] : []),
    ...(fresh.length > 0 ? [`New, not observed: ${someOf(fresh)}`] : []),
    ...(due.length > 0 ? [`Not shown, for ${branch} brings it by itself: ${someOf(due)}`] : []),
  ]
}

/**
 * What is held is shown, too: of a host that did not answer nobody could say that something goes from it. So is what the
 * tip brings by itself, and what a pin or a failure keeps from being brought.
 */
function shownIn({ apps }: FleetPlan): Pick<HeadPlan, 'guards' | 'prunes'> {
  const shown = apps.flatMap(({ plan, dueAnyway = [], departures = [] }) => [
    ...changesOf(plan).flatMap(goneBy),
    ...plan.held.map(({ id }) => id),
    ...dueAnyway,
    ...departures.flatMap(({ ids }) => ids),
  ])
  const guards = apps.flatMap((app) => app.guards.map(({ name }) => name))
  return { guards, prunes: [...new Set(shown)] }
}

function goneBy(change: Change): readonly ResourceId[] {
  if (change.action === 'prune') return [change.id]
  return change.action === 'replace' ? change.frees : []
}
