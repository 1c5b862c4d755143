import { groupBy } from '../lib/group-by.ts'
import type { TargetRecord } from '../model/app-state.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { LiveState, Observed } from '../model/live.ts'
import type { Resource } from '../model/resource.ts'
import type { CallOptions, Target } from '../model/target.ts'
import type { Collaborators } from './engine.ts'

export interface FleetLive extends LiveState {
  readonly records: ReadonlyMap<string, TargetRecord>
  /** Target -> why it could not be seen. */
  readonly unreachable: ReadonlyMap<string, string>
  /** Target -> what a person can do about that, where the error tells. */
  readonly todos: ReadonlyMap<string, string>
}

export interface ObserveInput {
  readonly resources: readonly Resource[]
  readonly targets: ReadonlyMap<string, Target>
  /** Identity of each target, pinned at first contact (rule 9). */
  readonly pinned: Readonly<Record<string, string>>
}

/** One look at every target, in parallel; a dead one costs its own resources only (rule 19). */
export async function observeFleet(
  input: ObserveInput,
  context: Pick<Collaborators, 'clock' | 'emit'>,
  options: CallOptions,
): Promise<FleetLive & { readonly identities: ReadonlyMap<string, string> }> {
  const byTarget = groupBy(input.resources, (resource) => partsOf(resource.id).target)
  const of = new Map<ResourceId, Observed>()
  const facts = new Map<string, unknown>()
  const records = new Map<string, TargetRecord>()
  const unreachable = new Map<string, string>()
  const todos = new Map<string, string>()
  const identities = new Map<string, string>()
  await Promise.all(
    [...input.targets].map(async ([name, target]) => {
      const resources = byTarget.get(name) ?? []
      try {
        const live = await target.observe(resources, options)
        identities.set(name, await sameTarget({ target, live, pinned: input.pinned[name] }, options))
        for (const [id, observed] of live.of) of.set(id, observed)
        for (const [key, value] of live.facts) facts.set(key, value)
        if (live.record) records.set(name, live.record)
        context.emit({ type: 'target:observed', target: name })
      } catch (error) {
        options.signal.throwIfAborted()
        const reason = messageOf(error)
        unreachable.set(name, reason)
        if (error instanceof ReconcileError) todos.set(name, error.todo)
        for (const resource of resources) of.set(resource.id, { state: 'unknown', reason })
        context.emit({ type: 'target:unreachable', target: name, message: reason })
      }
    }),
  )
  return { at: context.clock.now(), of, facts, records, unreachable, todos, identities }
}

/** What a person confirms where another Swarm is meant to answer under this name from now on (rule 9). */
export const targetGuard = (target: string): string => `target:${target}`

interface Met {
  readonly target: Target
  readonly live: Awaited<ReturnType<Target['observe']>>
  readonly pinned: string | undefined
}

/** Of another one nothing that was seen is believed. A look that says what it looked at saves a question (section 7). */
async function sameTarget({ target, live, pinned }: Met, options: CallOptions): Promise<string> {
  const identity = live.identity ?? (await target.identity(options))
  if (pinned === undefined || pinned === identity) return identity
  const what = target.identifiedBy === undefined ? '' : `${target.identifiedBy} `
  throw new ReconcileError('TargetMismatch', {
    message: `'${target.name}' is ${what}${identity} now, and was ${pinned} when it was first seen`,
    todo:
      'put the old endpoint back, or give the new one another name; ' +
      `if it was replaced for good: swarmkeeper rebuild --confirm ${targetGuard(target.name)}`,
  })
}
