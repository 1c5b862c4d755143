import type { CheckSpec } from './check.ts'
import type { ResourceId } from './id.ts'
import type { FieldDiff } from './live.ts'
import type { Recorded, Wanted } from './resource.ts'

export type Cause = 'revision' | 'drift' | 'rollback' | 'budget' | 'operator'
export type Goal = 'desired' | 'last-good'

interface Common {
  readonly id: ResourceId
  readonly cause: Cause
  readonly diffs: readonly FieldDiff[]
}

export type Change =
  | (Common & { readonly action: 'create'; readonly to: Wanted })
  | (Common & { readonly action: 'update'; readonly from: Recorded | undefined; readonly to: Wanted })
  | (Common & {
      /** Removed and created again: mode change, rename, or a port that a prune of this plan frees. */
      readonly action: 'replace'
      readonly from: Recorded | undefined
      readonly to: Wanted
      /** Live things removed first: the old name, or what holds the port. */
      readonly frees: readonly ResourceId[]
    })
  | (Common & { readonly action: 'adopt'; readonly to: Wanted })
  | (Common & { readonly action: 'move'; readonly fromApp: string; readonly toApp: string; readonly to: Wanted })
  | (Common & { readonly action: 'prune'; readonly from: Recorded })
  | (Common & { readonly action: 'unchanged'; readonly to: Wanted })

export type Action = Change['action']

/** Changes that can run together; the next stage begins when these are proven. */
export interface Stage {
  readonly changes: readonly Change[]
  readonly gates: readonly CheckSpec[]
  readonly pauseMs: number
}

export type HeldWhy =
  | 'conflict'
  | 'unknown'
  | 'guard'
  | 'ignored'
  | 'reported'
  | 'held-back'
  | 'data'
  | 'dependency'
  | 'kept'
  | 'stalled'
  | 'image' // what a tag meant is not known any more
  | 'window' // waits for the end of a maintenance window

export interface HeldChange {
  readonly id: ResourceId
  readonly why: HeldWhy
  readonly message: string
  readonly diffs?: readonly FieldDiff[]
}

const AS_MEANT: ReadonlySet<HeldWhy> = new Set(['ignored', 'reported', 'kept'])

/** Is it held until something happens, rather than left because somebody declared that it is to be? */
export const waits = (why: HeldWhy): boolean => !AS_MEANT.has(why)

export interface Plan {
  readonly app: string
  readonly goal: Goal
  readonly revision: string
  readonly stages: readonly Stage[]
  /** What is as it should be, or needs only the record to be written. */
  readonly settled: readonly Change[]
  readonly held: readonly HeldChange[]
  /** Recorded ids found absent, or no longer ours: only the record forgets them. */
  readonly forget: readonly ResourceId[]
}

/** The plan with just the changes that are asked for; stages that become empty go. */
export function onlyChanges(plan: Plan, asked: (change: Change) => boolean): Plan {
  const stages = plan.stages
    .map((stage) => ({ ...stage, changes: stage.changes.filter(asked) }))
    .filter((stage) => stage.changes.length > 0)
  return { ...plan, stages }
}

export function changesOf(plan: Plan): readonly Change[] {
  return plan.stages.flatMap((stage) => stage.changes)
}
