import type { Reply, Request } from './http.ts'
import { outOfSequence, Refusal, swarmRefusal } from './refusal.ts'
import { finishTask, liveTasks, setState, startTasks, stopTasks } from './scheduling.ts'
import { checkSpec, idsOfNetworks } from './service-checks.ts'
import { serviceOf, storeAuth } from './services.ts'
import { modeName, replacesTasks, storedSpec } from './spec.ts'
import type { Service, ServiceSpec } from './wire.ts'
import { find, type TaskOutcome, touch, type World } from './world.ts'

/**
 * As moby/swarmkit manager/controlapi/service.go UpdateService: the spec before becomes PreviousSpec and the update
 * status goes away, even where nothing differs (swarm.md 3).
 */
export function updateService(world: World, { body, key, query, headers }: Request): Reply {
  const service = serviceOf(world, key)
  const version = query.get('version') ?? ''
  if (!/^\d+$/.test(version)) {
    throw new Refusal(
      400,
      `invalid service version '${version}': strconv.ParseUint: parsing "${version}": invalid syntax`,
    )
  }
  const sent = storedSpec(idsOfNetworks(world, body as ServiceSpec))
  checkSpec(world, sent, service)
  if (Number(version) !== service.Version.Index) throw outOfSequence()
  if (sent.Name !== service.Spec.Name) throw swarmRefusal(501, 'Unimplemented', 'renaming services is not supported')
  if (modeName(sent) !== modeName(service.Spec)) {
    throw swarmRefusal(501, 'Unimplemented', 'service mode change is not allowed')
  }
  if (query.get('rollback') === 'previous') rollBack(world, service)
  else change(world, service, sent)
  storeAuth(world, service, headers)
  return { status: 200, value: { Warnings: null } }
}

function change(world: World, service: Service, sent: ServiceSpec): void {
  const before = service.Spec
  service.PreviousSpec = before
  service.Spec = sent
  delete service.UpdateStatus
  touch(world, service)
  if (service.JobStatus) runAgain(world, service)
  else if (replacesTasks(before, sent)) roll(world, service, 'updating')
  else scale(world, service)
}

function rollBack(world: World, service: Service): void {
  if (service.PreviousSpec === undefined) {
    throw swarmRefusal(400, 'FailedPrecondition', `service ${service.ID} does not have a previous spec`)
  }
  const before = service.Spec
  service.Spec = service.PreviousSpec
  service.PreviousSpec = before
  touch(world, service)
  roll(world, service, 'rollback_started', 'manually requested rollback')
}

/** Any update of a job runs it again (swarm.md 16). */
function runAgain(world: World, service: Service): void {
  const iteration = (service.JobStatus?.JobIteration.Index ?? 0) + 1
  service.JobStatus = { JobIteration: { Index: iteration }, LastExecution: world.now() }
  stopTasks(world, liveTasks(world, service))
  startTasks(world, service)
}

function scale(world: World, service: Service): void {
  const live = liveTasks(world, service)
  const wanted = service.Spec.Mode?.Replicated?.Replicas ?? live.length
  stopTasks(world, live.slice(wanted))
  if (wanted <= live.length || service.Spec.Mode?.Replicated === undefined) return
  const more = { ...service, Spec: { ...service.Spec, Mode: { Replicated: { Replicas: wanted - live.length } } } }
  startTasks(world, more)
}

/** The update state machine of swarm.md 5, in one step unless the world is moved by hand. */
function roll(
  world: World,
  service: Service,
  state: 'updating' | 'rollback_started',
  message = 'update in progress',
): void {
  service.UpdateStatus = { State: state, StartedAt: world.now(), Message: message }
  stopTasks(world, liveTasks(world, service))
  const failed = startTasks(world, service)
  if (world.byHand) return
  settleUpdate(world, service, failed.length > 0 ? (failed[0]?.ID ?? '') : undefined)
}

function settleUpdate(world: World, service: Service, failedTask: string | undefined): void {
  const status = service.UpdateStatus
  if (status === undefined) return
  const back = status.State === 'rollback_started'
  const action = (back ? service.Spec.RollbackConfig : service.Spec.UpdateConfig)?.FailureAction ?? 'pause'
  if (failedTask === undefined || action === 'continue')
    finish(world, service, back ? 'rollback_completed' : 'completed')
  else if (back) finish(world, service, 'rollback_paused', failedTask)
  else if (action === 'rollback' && service.PreviousSpec) revert(world, service, failedTask)
  else finish(world, service, 'paused', failedTask)
}

/** The automatic rollback forgets the spec that failed, unlike the one asked for by hand (swarm.md 5). */
function revert(world: World, service: Service, failedTask: string): void {
  service.Spec = service.PreviousSpec ?? service.Spec
  delete service.PreviousSpec
  touch(world, service)
  roll(
    world,
    service,
    'rollback_started',
    `update rolled back due to failure or early termination of task ${failedTask}`,
  )
}

function finish(world: World, service: Service, state: string, failedTask?: string): void {
  const reason = `due to failure or early termination of task ${failedTask}`
  const messages: Readonly<Record<string, string>> = {
    completed: 'update completed',
    rollback_completed: 'rollback completed',
    paused: `update paused ${reason}`,
    rollback_paused: `rollback paused ${reason}`,
  }
  const ended = state.endsWith('completed') ? { CompletedAt: world.now() } : {}
  const begun = service.UpdateStatus?.StartedAt ?? world.now()
  service.UpdateStatus = { State: state, StartedAt: begun, ...ended, Message: messages[state] ?? state }
  touch(world, service)
}

/** In a world moved by hand: brings the service's tasks, and its update, to their end. */
export function settle(world: World, key: string, outcome?: TaskOutcome): void {
  const service = find(world.services, key, ({ Spec }) => Spec.Name)
  const tasks = [...world.tasks.values()].filter((task) => service === undefined || task.ServiceID === service.ID)
  for (const task of tasks) {
    if (task.DesiredState === 'shutdown' && task.Status.State !== 'shutdown') setState(world, task, 'shutdown')
    else if (task.Status.State === 'assigned' && service)
      finishTask(world, task, outcome ?? world.script(service, task))
    if (!world.services.has(task.ServiceID)) world.tasks.delete(task.ID)
  }
  if (service === undefined || service.UpdateStatus?.CompletedAt !== undefined) return
  const failed = tasks.find(({ DesiredState, Status }) => DesiredState !== 'shutdown' && Status.State === 'failed')
  settleUpdate(world, service, failed?.ID)
}
