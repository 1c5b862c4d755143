import { randomBytes } from 'node:crypto'
import type { CheckResult, CheckSpec, Probe } from '../../model/check.ts'
import type { Clock } from '../../model/clock.ts'
import { messageOf, ReconcileError } from '../../model/error.ts'
import type { Connection } from './connection.ts'
import { linesOf } from './logs.ts'
import type { Seen } from './seen.ts'
import { temporaryStamp } from './stamp.ts'
import { reasonOf } from './task-failure.ts'
import type { WireTask } from './wire.ts'

export interface CheckContext {
  readonly install: string
  readonly connection: Connection
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly seen: Seen
  authFor(image: string): string | undefined
  /** Names of the checks that run now. */
  readonly running: Set<string>
}

type Command = Extract<Probe, { readonly type: 'command' }>

const POLL_MS = 500
const ENDED = new Set(['complete', 'failed', 'rejected', 'shutdown', 'orphaned', 'remove'])
const LAST_LINES = 3

/**
 * One attempt of a command check: a job of one task, marked as temporary, removed however it ends. What a killed
 * process leaves behind is removed when the lease is taken next.
 */
export async function runCommandCheck(check: CheckSpec, context: CheckContext): Promise<CheckResult> {
  const { probe, name, timeoutMs } = check
  if (probe.type !== 'command') return { name, ok: false, message: `a Swarm runs commands only, not ${probe.type}` }
  const service = `swarmkeeper-check-${randomBytes(6).toString('hex')}`
  context.running.add(service)
  try {
    const id = await start(service, probe, context)
    const task = await waitForEnd(id, timeoutMs, context)
    return await judge(name, { task, timeoutMs }, context)
  } catch (error) {
    context.signal.throwIfAborted()
    return { name, ok: false, message: `the command could not be run: ${messageOf(error)}` }
  } finally {
    await removeCheck(service, context.connection)
    context.running.delete(service)
  }
}

async function start(service: string, probe: Command, context: CheckContext): Promise<string> {
  const ids = context.seen.ids().networks
  const networks = probe.networks.map((name) => {
    const id = ids.get(name)
    if (id === undefined) throw new ReconcileError('NotFound', { message: `there is no network '${name}'` })
    return { Target: id }
  })
  const body = {
    Name: service,
    Labels: temporaryStamp(context.install),
    TaskTemplate: {
      // The command replaces the image's entry point: what is asked is what runs.
      ContainerSpec: {
        Image: probe.image,
        Command: [...probe.command],
        Env: Object.entries(probe.env).map(([key, value]) => `${key}=${value}`),
      },
      RestartPolicy: { Condition: 'none' },
      Networks: networks,
    },
    Mode: { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 } },
  }
  const auth = context.authFor(probe.image)
  const call = {
    method: 'POST',
    path: '/services/create',
    body,
    ...(auth === undefined ? {} : { registryAuth: auth }),
  } as const
  return ((await context.connection.write(call)) as { readonly ID: string }).ID
}

/** The task as it was last seen: ended, or not within the time. */
async function waitForEnd(service: string, timeoutMs: number, context: CheckContext): Promise<WireTask | undefined> {
  const { connection, clock, signal } = context
  const deadline = clock.monotonic() + timeoutMs
  const filters = JSON.stringify({ service: [service] })
  for (;;) {
    const [task] = ((await connection.get('/tasks', signal, { filters })) ?? []) as readonly WireTask[]
    if (task && ENDED.has(task.Status?.State ?? '')) return task
    if (clock.monotonic() + POLL_MS > deadline) return task
    await clock.sleep(POLL_MS, { signal })
  }
}

async function judge(
  name: string,
  { task, timeoutMs }: { readonly task: WireTask | undefined; readonly timeoutMs: number },
  context: CheckContext,
): Promise<CheckResult> {
  const state = task?.Status?.State ?? 'never started'
  if (state === 'complete') return { name, ok: true, message: 'exit code 0' }
  const ended = task !== undefined && ENDED.has(state)
  const why = ended ? reasonOf(task) : `not over within ${timeoutMs / 1000} s: ${task?.Status?.Err || state}`
  const tail = { lines: LAST_LINES, lastWords: true } as const
  const lines = task ? await linesOf(`/tasks/${task.ID}/logs`, tail, context).catch(() => []) : []
  context.signal.throwIfAborted()
  return { name, ok: false, message: [why, ...lines].join(' | ').slice(0, 600) }
}

/** Not bound to the signal: an interrupted check is cleaned up as well. What stays is found at the next lease. */
export async function removeCheck(service: string, connection: Connection): Promise<void> {
  await connection.write({ method: 'DELETE', path: `/services/${service}` }).catch(() => undefined)
}
