import { SUSPENDED_CONSTRAINT } from '../../kinds/service/kind.ts'
import { digestOf } from '../../model/digest.ts'
import type { Health } from '../../model/live.ts'
import { begunAt, type Generations, generationsOf, isFailed, isRunning, isWanted, newestFirst } from './generation.ts'
import { describeTrouble, isCrashLoop, reasonOf, troubledSlots } from './task-failure.ts'
import type { WireService, WireTask } from './wire.ts'

export interface HealthInput {
  readonly service: WireService
  readonly tasks: readonly WireTask[]
  /** How many tasks a global service shall have: nodes that are up and match. */
  readonly eligibleNodes: number
}

/**
 * Health of a service from what Swarm says of its update (swarm.md 5) and from its tasks.
 *
 *   updating                           progressing; a crash loop of the new tasks is degraded at once
 *   paused                             degraded
 *   rollback_started, rollback_paused  degraded, reverted by the target
 *   rollback_completed                 as its tasks are, reverted by the target: what failed is the update, while what
 *                                      runs again may be well
 *   completed, none                    as its tasks are: a create has no update status (swarm.md 4)
 *
 * As its tasks are: all wanted tasks of the new generation run, and none of the old one is left: healthy. A slot that
 * ended three times and does not run, or that ended for good: degraded. Else progressing; what cannot be scheduled
 * stays so for ever as far as Swarm is concerned, and ends by our deadline (swarm.md 6).
 */
export function healthOfService(input: HealthInput): Health {
  const status = input.service.UpdateStatus
  const text = status?.Message ? `: ${status.Message}` : ''
  switch (status?.State) {
    case 'updating':
      return whileUpdating(input, text)
    case 'paused':
      return { status: 'degraded', message: status.Message ?? 'update paused', ...instance(input) }
    case 'rollback_started':
      return reverted(input, `Swarm rolls the update back${text}`)
    case 'rollback_paused':
      return reverted(input, `Swarm's own rollback failed${text}`)
    case 'rollback_completed': {
      const health = byTasks(input)
      const message = `Swarm rolled the update back${text}${health.message ? `; now ${health.message}` : ''}`
      return { ...health, message, revertedByTarget: true }
    }
    default:
      return byTasks(input)
  }
}

const reverted = (input: HealthInput, message: string): Health => ({
  status: 'degraded',
  message,
  revertedByTarget: true,
  ...instance(input),
})

function whileUpdating(input: HealthInput, text: string): Health {
  const trouble = troubledSlots(generationsOf(input.service, input.tasks).now, begunAt(input.service))
  const name = input.service.Spec.Name ?? ''
  const loop = trouble.find(isCrashLoop)
  if (loop) return { status: 'degraded', message: describeTrouble(name, loop), ...instance(input) }
  const seen = trouble[0] ? describeTrouble(name, trouble[0]) : waitingFor(input.tasks)
  return { status: 'progressing', message: `updating${text}${seen ? `; ${seen}` : ''}`, ...instance(input) }
}

function byTasks(input: HealthInput): Health {
  const { service } = input
  const generations = generationsOf(service, input.tasks)
  const wanted = wantedTasks(input)
  const running = generations.now.filter(isRunning).length
  const left = generations.before.filter(isWanted).length
  const common = instance(input)
  if (wanted === 0 && running === 0 && left === 0 && isResting(service)) {
    return { status: 'suspended', message: 'no tasks, as wanted', ...common }
  }
  if (wanted > 0 && running >= wanted && left === 0)
    return { status: 'healthy', message: `${running}/${wanted} running`, ...common }
  return { ...notYet(service, generations, { wanted, running }), ...common }
}

function notYet(
  service: WireService,
  generations: Generations,
  { wanted, running }: { readonly wanted: number; readonly running: number },
): Health {
  const name = service.Spec.Name ?? ''
  const trouble = troubledSlots(generations.now, begunAt(service))
  const bad = trouble.find(isCrashLoop) ?? trouble.find((slot) => slot.final && generations.before.length === 0)
  const count = `${running}/${wanted} running`
  if (bad) return { status: 'degraded', message: `${count}; ${describeTrouble(name, bad)}` }
  const first = trouble[0]
  const seen = first ? describeTrouble(name, first) : waitingFor(generations.now)
  const old = generations.before.some(isWanted) ? 'tasks of the former version are still there' : undefined
  const nodes = isGlobal(service) && wanted === 0 ? 'no node matches' : undefined
  return { status: 'progressing', message: [count, nodes, seen ?? old].filter(Boolean).join('; ') }
}

/** Why tasks wait: `no suitable node (scheduling constraints not satisfied on 1 node)`. */
function waitingFor(tasks: readonly WireTask[]): string | undefined {
  const waiting = newestFirst(tasks).find((task) => isWanted(task) && !isFailed(task) && task.Status?.Err)
  return waiting ? reasonOf(waiting) : undefined
}

const isGlobal = (service: WireService): boolean => Boolean(service.Spec.Mode?.Global)

/** No replicas, or the constraint that no node matches. */
const isResting = (service: WireService): boolean =>
  !isGlobal(service) || Boolean(service.Spec.TaskTemplate?.Placement?.Constraints?.includes(SUSPENDED_CONSTRAINT))

const wantedTasks = ({ service, eligibleNodes }: HealthInput): number =>
  isGlobal(service) ? eligibleNodes : (service.Spec.Mode?.Replicated?.Replicas ?? 1)

/** What runs now; it changes when a task is replaced. */
function instance({ tasks }: HealthInput): { readonly instance: string } {
  const ids = tasks.filter(isRunning).map((task) => task.ID)
  return { instance: digestOf(ids.sort()).slice(0, 16) }
}
