import { isJob } from './spec.ts'
import type { Service, SwarmNode, Task } from './wire.ts'
import { created, type TaskOutcome, touch, type World } from './world.ts'

const LIVE = new Set(['new', 'pending', 'assigned', 'preparing', 'ready', 'starting', 'running'])

/** The tasks of a service that have not ended. */
export const liveTasks = (world: World, service: Service): readonly Task[] =>
  [...world.tasks.values()].filter((task) => task.ServiceID === service.ID && LIVE.has(task.Status.State))

/** Makes the tasks that the service's mode asks for; returns those that did not get to where they should. */
export function startTasks(world: World, service: Service): readonly Task[] {
  const tasks = slots(world, service).map((slot) => startTask(world, service, slot))
  return tasks.filter((task) => task.Status.State === 'failed' || task.Status.State === 'rejected')
}

export function stopTasks(world: World, tasks: readonly Task[]): void {
  for (const task of tasks) {
    task.DesiredState = 'shutdown'
    if (!world.byHand) setState(world, task, 'shutdown')
  }
}

interface Slot {
  readonly number?: number
  readonly node?: SwarmNode
}

function slots(world: World, { Spec: spec }: Service): readonly Slot[] {
  const { Global: global, GlobalJob: globalJob, ReplicatedJob: job, Replicated: replicated } = spec.Mode ?? {}
  if (global || globalJob) return eligible(world, spec).map((node) => ({ node }))
  const count = job ? (job.TotalCompletions ?? 1) : (replicated?.Replicas ?? 1)
  return Array.from({ length: count }, (_, at) => ({ number: at + 1 }))
}

function startTask(world: World, service: Service, { number, node }: Slot): Task {
  const { Runtime: _, ...spec } = service.Spec.TaskTemplate
  const task: Task = {
    ...created(world),
    ServiceID: service.ID,
    ...(number === undefined ? {} : { Slot: number }),
    Spec: spec,
    Status: { Timestamp: world.now(), State: 'new', Message: 'created' },
    DesiredState: isJob(service.Spec) ? 'complete' : 'running',
    ...(service.JobStatus === undefined ? {} : { JobIteration: service.JobStatus.JobIteration }),
  }
  world.tasks.set(task.ID, task)
  const nodes = eligible(world, service.Spec)
  const chosen = node ?? nodes[((number ?? 1) - 1) % Math.max(nodes.length, 1)]
  if (chosen === undefined) stayPending(world, task)
  else {
    task.NodeID = chosen.ID
    setState(world, task, 'assigned')
    if (!world.byHand) finishTask(world, task, world.script(service, task))
  }
  return task
}

/** Gives a task its end: as told, or what a good program would do. */
export function finishTask(world: World, task: Task, outcome?: TaskOutcome): void {
  const { state, error, exitCode } = outcome ?? { state: task.DesiredState === 'complete' ? 'complete' : 'running' }
  if (exitCode !== undefined || state === 'running' || state === 'complete') {
    const pid = state === 'running' ? 4242 : 0
    task.Status.ContainerStatus = { ContainerID: task.ID.padEnd(64, '0'), PID: pid, ExitCode: exitCode ?? 0 }
  }
  if (error !== undefined) task.Status.Err = error
  setState(world, task, state)
}

export function setState(world: World, task: Task, state: string): void {
  task.Status.State = state
  task.Status.Message = state === 'running' ? 'started' : state === 'complete' ? 'finished' : state
  task.Status.Timestamp = world.now()
  touch(world, task)
}

function stayPending(world: World, task: Task): void {
  setState(world, task, 'pending')
  task.Status.Message = 'pending task scheduling'
  task.Status.Err = `no suitable node (scheduling constraints not satisfied on ${world.nodes.size} node${world.nodes.size === 1 ? '' : 's'})`
}

function eligible(world: World, { TaskTemplate: template }: Service['Spec']): readonly SwarmNode[] {
  const constraints = template.Placement?.Constraints ?? []
  const wanted = template.Resources?.Reservations
  return [...world.nodes.values()].filter(
    (node) =>
      node.Spec.Availability === 'active' &&
      node.Status.State === 'ready' &&
      (wanted?.NanoCPUs ?? 0) <= node.Description.Resources.NanoCPUs &&
      (wanted?.MemoryBytes ?? 0) <= node.Description.Resources.MemoryBytes &&
      constraints.every((constraint) => satisfies(node, constraint)),
  )
}

function satisfies(node: SwarmNode, constraint: string): boolean {
  const [, key = '', operator, value = ''] = /^\s*(.*?)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? []
  const found = attribute(node, key)
  return found !== undefined && (found.toLowerCase() === value.toLowerCase()) === (operator === '==')
}

function attribute(node: SwarmNode, key: string): string | undefined {
  if (key.startsWith('node.labels.')) return node.Spec.Labels[key.slice('node.labels.'.length)] ?? ''
  if (key.startsWith('engine.labels.'))
    return node.Description.Engine.Labels?.[key.slice('engine.labels.'.length)] ?? ''
  const known: Readonly<Record<string, string>> = {
    'node.id': node.ID,
    'node.hostname': node.Description.Hostname,
    'node.role': node.Spec.Role,
    'node.platform.os': node.Description.Platform.OS,
    'node.platform.arch': node.Description.Platform.Architecture,
  }
  return known[key]
}
