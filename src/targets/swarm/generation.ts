import { sameValue } from '../../model/digest.ts'
import type { WireService, WireTask } from './wire.ts'

/** Tasks that Swarm still wants. `ready` waits for its turn: a restart delay, or the update's order. */
const WANTED = new Set([
  'new',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
])
const FAILED = new Set(['failed', 'rejected'])

export const isWanted = (task: WireTask): boolean => WANTED.has(task.DesiredState ?? '')
export const isRunning = (task: WireTask): boolean =>
  task.Status?.State === 'running' && task.DesiredState === 'running'
export const isFailed = (task: WireTask): boolean => FAILED.has(task.Status?.State ?? '')
export const isComplete = (task: WireTask): boolean => task.Status?.State === 'complete'

export interface Generations {
  /** Tasks made from the service's present template. */
  readonly now: readonly WireTask[]
  readonly before: readonly WireTask[]
}

/**
 * Health is judged on the new generation only (reliability.md 13). A task carries a copy of the template that it was
 * made from. Two fields are no difference: `Runtime`, which only services print, and `Placement`, for which alone Swarm
 * does not replace a task (swarm.md 2). A change of published ports leaves no trace in a task; there the update status
 * tells old from new.
 */
export function generationsOf(service: WireService, tasks: readonly WireTask[]): Generations {
  const template = withoutPlacement(service.Spec.TaskTemplate ?? {})
  const known = new Map<string, boolean>()
  const isNow = (task: WireTask): boolean => {
    const text = JSON.stringify(task.Spec ?? {}) // tasks of a generation print alike: most are compared as text
    const same = known.get(text) ?? sameValue(withoutPlacement(task.Spec ?? {}), template)
    known.set(text, same)
    return same
  }
  const judged = tasks.map((task) => ({ task, now: isNow(task) }))
  return {
    now: judged.filter(({ now }) => now).map(({ task }) => task),
    before: judged.filter(({ now }) => !now).map(({ task }) => task),
  }
}

function withoutPlacement(template: object): object {
  const { Runtime: _runtime, Placement: _placement, ...rest } = template as Record<string, unknown>
  return rest
}

/**
 * When the tasks that the service has now were asked for. A template may come a second time, by a retry or on the way
 * back, and what ended before is of the time before. Swarm forgets the status of the former update with each new spec,
 * and writes the next one when it replaces the first task.
 */
export const begunAt = ({ UpdateStatus, UpdatedAt }: WireService): number =>
  timeOf(UpdateStatus ? UpdateStatus.StartedAt : UpdatedAt)

/** Where a task stands: replicas have numbered slots, global tasks a node each. */
export const slotOf = (task: WireTask): string => (task.Slot ? `${task.Slot}` : (task.NodeID ?? ''))

/** As `docker service ps` names it: `hello.2`; global tasks, and the first of a job, have no number. */
export const taskName = (service: string, task: WireTask): string => (task.Slot ? `${service}.${task.Slot}` : service)

/** RFC 3339 with nanoseconds: the text orders as the time does up to the fraction, so it is read as a number. */
export const timeOf = (text: string | undefined): number => (text === undefined ? 0 : Date.parse(text) || 0)

export const newestFirst = (tasks: readonly WireTask[]): readonly WireTask[] =>
  [...tasks].sort((a, b) => timeOf(b.CreatedAt) - timeOf(a.CreatedAt))
