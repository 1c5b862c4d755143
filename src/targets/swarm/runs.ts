import { hash } from 'node:crypto'
import { pinnedImage } from '../../kinds/service/image.ts'
import type { ServiceSpec } from '../../kinds/service/spec.ts'
import { serviceToWire } from '../../kinds/service/to-wire.ts'
import type { WireServiceSpec } from '../../kinds/service/wire.ts'
import type { RunKey, RunLook } from '../../model/agent.ts'
import { ReconcileError } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Resource } from '../../model/resource.ts'
import type { CallOptions, LeftRun, Runner } from '../../model/target.ts'
import type { Connection } from './connection.ts'
import { isNameTaken, isNotFound } from './engine-error.ts'
import { isComplete, isFailed, isWanted, newestFirst, timeOf } from './generation.ts'
import { linesOf } from './logs.ts'
import type { Seen } from './seen.ts'
import { RUN } from './stamp.ts'
import { reasonOf } from './task-failure.ts'
import type { WireService, WireTask } from './wire.ts'

export interface SwarmRunsOptions {
  readonly install: string
  readonly connection: Connection
  readonly seen: Seen
  authFor(image: string): string | undefined
}

const OF = `${RUN}.of`
const TICK = `${RUN}.tick`
const DIGEST = `${RUN}.digest`
const STOPPED = `${RUN}.stopped`

const LONGEST_NAME = 63
const HASH = 8
const LINES = 30

/**
 * Runs of agents on a Swarm: a job of one task each, made from what the record has of the agent's service. Its name tells
 * whose run of which minute it is, so that who asks a second time finds the name taken. The newest of an agent stays when it
 * has ended: it says so to whoever has another database.
 */
export function createSwarmRuns(options: SwarmRunsOptions): Runner {
  const { connection } = options
  return {
    start: async (run, of, { guard, signal }) => {
      await guard()
      const mine = (await listRuns(options, { signal })).filter(({ id }) => id === run.id)
      if (mine.some(({ tick }) => Date.parse(tick) >= Date.parse(run.tick))) return
      await create(run, of, options)
    },
    look: async (run, _of, { signal }) => {
      const service = await readRun(run, connection, signal)
      return service ? lookAt(service, connection, signal) : { state: 'absent' }
    },
    stop: async (run, _of, { guard, signal }) => {
      await guard()
      return stop(run, connection, signal)
    },
    clear: async (run, { guard }) => {
      await guard()
      await connection.write({ method: 'DELETE', path: `/services/${runName(run)}` }).catch(unlessGone)
    },
    list: (call) => listRuns(options, call),
  }
}

/** `digest-202611210700`; with seconds where a person asked for it in between. */
export function runName({ id, tick }: RunKey): string {
  const { name } = partsOf(id)
  const digits = tick.replaceAll(/\D/g, '').slice(0, 14)
  const stamp = digits.endsWith('00') ? digits.slice(0, 12) : digits
  const whole = `${name}-${stamp}`
  if (whole.length <= LONGEST_NAME) return whole
  const short = hash('sha256', name).slice(0, HASH)
  return `${name.slice(0, LONGEST_NAME - stamp.length - HASH - 2)}-${short}-${stamp}`
}

async function create(run: RunKey, of: Resource, { install, seen, connection, authFor }: SwarmRunsOptions) {
  const spec = runSpec(of.spec as ServiceSpec, runName(run))
  const stamp = { [RUN]: install, [OF]: run.id, [TICK]: run.tick, [DIGEST]: of.digest }
  const body = serviceToWire(spec, { ids: seen.ids(), stamp })
  const auth = authFor(pinnedImage(spec))
  const login = auth === undefined ? {} : { registryAuth: auth }
  try {
    await connection.write({ method: 'POST', path: '/services/create', body, ...login })
  } catch (error) {
    if (!isNameTaken(error)) throw error
    await refuseForeign(run, install, connection)
  }
}

/** A task that is asked for once; the ports of what rests are nobody's to take. */
function runSpec({ replicas: _, suspended: __, ...spec }: ServiceSpec, name: string): ServiceSpec {
  const condition = spec.restart.condition === 'on-failure' ? 'on-failure' : 'none'
  return {
    ...spec,
    ...{ name, mode: 'replicated-job', completions: 1, maxConcurrent: 1, ports: [], triggers: {} },
    restart: { ...spec.restart, condition },
  }
}

async function refuseForeign(run: RunKey, install: string, connection: Connection): Promise<void> {
  const found = await readRun(run, connection, new AbortController().signal)
  if (found?.Spec.Labels?.[RUN] === install && found.Spec.Labels[OF] === run.id) return
  throw new ReconcileError('Conflict', { message: `a service '${runName(run)}' is there, and is no run of ours` })
}

async function readRun(run: RunKey, connection: Connection, signal: AbortSignal): Promise<WireService | undefined> {
  try {
    return (await connection.get(`/services/${encodeURIComponent(runName(run))}`, signal)) as WireService
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function tasksOf({ ID }: WireService, connection: Connection, signal: AbortSignal): Promise<readonly WireTask[]> {
  const filters = JSON.stringify({ service: [ID] })
  return newestFirst(((await connection.get('/tasks', signal, { filters })) ?? []) as readonly WireTask[])
}

async function lookAt(service: WireService, connection: Connection, signal: AbortSignal): Promise<RunLook> {
  const tasks = await tasksOf(service, connection, signal)
  const [newest] = tasks
  const startedAt = iso(tasks.at(-1)?.CreatedAt ?? service.UpdatedAt)
  const stopped = service.Spec.Labels?.[STOPPED]
  const isOver = newest !== undefined && hasEnded(tasks, service.Spec)
  if (stopped === undefined && !isOver) return { state: 'running', startedAt }
  const ok = isOver && isComplete(newest)
  return {
    ...{ state: 'ended', ok, startedAt, endedAt: iso(stopped ?? newest?.Status?.Timestamp) },
    message: isOver ? reasonOf(newest) : 'it was stopped',
    lines: await tailOf(newest, connection, signal),
  }
}

/** One that failed may be followed by another where it is started again: until then Swarm has not let go of it. */
function hasEnded(tasks: readonly WireTask[], { TaskTemplate }: WireServiceSpec): boolean {
  if (tasks.some(isComplete)) return true
  const again = TaskTemplate?.RestartPolicy?.Condition === 'on-failure'
  return tasks.every((task) => isFailed(task) && !(again && isWanted(task)))
}

const iso = (text: string | undefined): string => new Date(timeOf(text) || 0).toISOString()

async function tailOf(task: WireTask | undefined, connection: Connection, signal: AbortSignal) {
  if (!task?.Status?.ContainerStatus?.ContainerID) return task?.Status?.Err ? [task.Status.Err] : []
  const path = `/tasks/${task.ID}/logs`
  try {
    return await linesOf(path, { lines: LINES, lastWords: true }, { connection, signal })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ReconcileError)) throw error
    return [`its log cannot be read: ${error.message}`]
  }
}

/** None of it is wanted any more, and its name stays taken. Any update begins a job anew, so that this one asks for no task. */
async function stop(run: RunKey, connection: Connection, signal: AbortSignal): Promise<readonly string[]> {
  const service = await readRun(run, connection, signal)
  if (!service) return []
  const [newest] = await tasksOf(service, connection, signal)
  const lines = await tailOf(newest, connection, signal)
  const { Labels, ...spec } = service.Spec
  const body = {
    ...spec,
    Labels: { ...Labels, [STOPPED]: new Date(timeOf(service.UpdatedAt)).toISOString() },
    Mode: { ReplicatedJob: { MaxConcurrent: 0, TotalCompletions: 0 } },
  }
  const query = { version: String(service.Version.Index) }
  await connection.write({ method: 'POST', path: `/services/${service.ID}/update`, query, body })
  return lines
}

async function listRuns(
  { connection, install }: SwarmRunsOptions,
  { signal }: CallOptions,
): Promise<readonly LeftRun[]> {
  const filters = JSON.stringify({ label: [`${RUN}=${install}`] })
  const services = ((await connection.get('/services', signal, { filters })) ?? []) as readonly WireService[]
  return services.flatMap(({ Spec }) => {
    const { [OF]: id, [TICK]: tick, [DIGEST]: digest = '' } = Spec.Labels ?? {}
    if (!id || !tick) return []
    return [{ id: id as ResourceId, tick, digest }]
  })
}

const unlessGone = (error: unknown): void => {
  if (!isNotFound(error)) throw error
}
