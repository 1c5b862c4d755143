import type { Health } from '../../model/live.ts'
import { isComplete, isWanted } from './generation.ts'
import type { HealthInput } from './health.ts'
import { describeTrouble, isCrashLoop, type SlotTrouble, troubledSlots } from './task-failure.ts'
import type { WireService, WireTask } from './wire.ts'

export const isJobMode = (service: WireService): boolean =>
  Boolean(service.Spec.Mode?.ReplicatedJob || service.Spec.Mode?.GlobalJob)

/**
 * A job is judged by the tasks of its present iteration: each update runs it again (swarm.md 16). It is finished when
 * all have completed, degraded when a task failed and is not tried again, or failed three times where no number of
 * attempts was given.
 */
export function healthOfJob({ service, tasks, eligibleNodes }: HealthInput): Health {
  const iteration = service.JobStatus?.JobIteration?.Index ?? 0
  const mine = tasks.filter((task) => (task.JobIteration?.Index ?? 0) === iteration)
  const wanted = service.Spec.Mode?.GlobalJob
    ? eligibleNodes
    : (service.Spec.Mode?.ReplicatedJob?.TotalCompletions ?? 1)
  const complete = Math.max(mine.filter(isComplete).length, service.ServiceStatus?.CompletedTasks ?? 0)
  const count = `${complete}/${wanted} completed`
  if (complete >= wanted && wanted > 0)
    return { status: 'healthy', message: count, instance: `${iteration}`, finished: true }
  const trouble = troubledSlots(mine.filter((task) => !isComplete(task)))
  const bad = trouble.find((slot) => isOver(slot, service))
  const name = service.Spec.Name ?? ''
  const seen = bad ?? trouble[0]
  const message = [count, seen ? describeTrouble(name, seen) : waiting(mine)].filter(Boolean).join('; ')
  return { status: bad ? 'degraded' : 'progressing', message, instance: `${iteration}` }
}

function isOver(slot: SlotTrouble, service: WireService): boolean {
  const attempts = service.Spec.TaskTemplate?.RestartPolicy?.MaxAttempts ?? 0
  return slot.final || (attempts === 0 && isCrashLoop(slot))
}

const waiting = (tasks: readonly WireTask[]): string | undefined =>
  tasks.find((task) => isWanted(task) && task.Status?.Err)?.Status?.Err
