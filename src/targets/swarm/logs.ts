import { messageOf } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Connection } from './connection.ts'
import { hostnameOf } from './constraints.ts'
import { isNotFound } from './engine-error.ts'
import { isFailed, newestFirst, taskName } from './generation.ts'
import { byTime, withLastWords } from './log-order.ts'
import { logLines } from './log-stream.ts'
import { reasonOf } from './task-failure.ts'
import type { WireNode, WireService, WireTask } from './wire.ts'

const MOST_BYTES = 512 * 1024
const MOST_LINES = 1_000
const DIAGNOSIS_TASKS = 3
const DIAGNOSIS_LINES = 20

export interface LogContext {
  readonly connection: Connection
  readonly signal: AbortSignal
}

/** Last lines of a service or job, of all its tasks. */
export async function readLogs(id: ResourceId, lines: number, context: LogContext): Promise<readonly string[]> {
  const { kind, name } = partsOf(id)
  if (kind !== 'Service' && kind !== 'Job') return []
  return linesOf(`/services/${encodeURIComponent(name)}/logs`, { lines }, context)
}

export interface Tail {
  readonly lines: number
  /**
   * Keep what went to standard error shortly before, too: the engine reads both streams side by side, so that the last
   * words of a program may come before the lines that it wrote earlier.
   */
  readonly lastWords?: true
}

/** In the order of time, over all tasks: lines come by node, with a time of fixed width in front, which is taken off. */
export async function linesOf(
  path: string,
  { lines, lastWords }: Tail,
  { connection, signal }: LogContext,
): Promise<readonly string[]> {
  const most = Math.min(Math.max(lines, 1), MOST_LINES)
  const asked = lastWords ? most * 2 : most
  const query = { stdout: 'true', stderr: 'true', timestamps: 'true', tail: String(asked) }
  const answer = await connection.read({ method: 'GET', path, query, maxBytes: MOST_BYTES }, signal)
  const sorted = (lastWords ? withLastWords : byTime)(logLines(answer.body))
  return sorted
    .filter(({ isError }, index) => index >= sorted.length - most || (lastWords && isError))
    .map(({ text }) => text.slice(text.indexOf(' ') + 1))
}

/** What a person needs to know about something that failed: the newest failing tasks first, then their last lines. */
export async function diagnose(id: ResourceId, context: LogContext): Promise<readonly string[]> {
  const { kind, name } = partsOf(id)
  if (kind !== 'Service' && kind !== 'Job') return []
  const { connection, signal } = context
  try {
    const service = (await connection.get(`/services/${encodeURIComponent(name)}`, signal)) as WireService
    const filters = JSON.stringify({ service: [service.ID] })
    const [tasks, nodes] = await Promise.all([
      connection.get('/tasks', signal, { filters }) as Promise<readonly WireTask[] | null>,
      connection.get('/nodes', signal) as Promise<readonly WireNode[] | null>,
    ])
    return [...updateLine(service), ...(await describeTasks(name, { tasks: tasks ?? [], nodes: nodes ?? [] }, context))]
  } catch (error) {
    signal.throwIfAborted()
    return isNotFound(error) ? [`${name} is not there any more`] : [`no more is known: ${messageOf(error)}`]
  }
}

const updateLine = ({ UpdateStatus: status }: WireService): readonly string[] =>
  status?.State && status.State !== 'completed' ? [status.Message ?? `update ${status.State}`] : []

interface Found {
  readonly tasks: readonly WireTask[]
  readonly nodes: readonly WireNode[]
}

async function describeTasks(name: string, { tasks, nodes }: Found, context: LogContext): Promise<readonly string[]> {
  const hosts = new Map(nodes.map((node) => [node.ID, hostnameOf(node)]))
  const told = tellingTasks(tasks)
  const lines = told.map((task) => {
    const where = task.NodeID ? ` on ${hosts.get(task.NodeID) ?? task.NodeID}` : ''
    return `task ${taskName(name, task)}${where}: ${task.Status?.State ?? '?'}: ${reasonOf(task)}`
  })
  return [...lines, ...(await lastLines(name, told, context))]
}

/** Failed ones, newest first; where none failed, those that wait. */
function tellingTasks(tasks: readonly WireTask[]): readonly WireTask[] {
  const sorted = newestFirst(tasks)
  const failed = sorted.filter(isFailed)
  const telling = failed.length > 0 ? failed : sorted.filter((task) => task.Status?.Err)
  return (telling.length > 0 ? telling : sorted).slice(0, DIAGNOSIS_TASKS)
}

/** Of the newest task that ever had a container; a rejected one has written nothing. */
async function lastLines(name: string, tasks: readonly WireTask[], context: LogContext): Promise<readonly string[]> {
  const task = tasks.find((candidate) => candidate.Status?.ContainerStatus?.ContainerID)
  if (!task) return []
  try {
    const lines = await linesOf(`/tasks/${task.ID}/logs`, { lines: DIAGNOSIS_LINES, lastWords: true }, context)
    const who = taskName(name, task)
    return lines.length === 0 ? [`${who} wrote no log`] : lines.map((line) => `${who} | ${line}`)
  } catch (error) {
    context.signal.throwIfAborted()
    return [`the log of ${name} cannot be read: ${messageOf(error)}`]
  }
}
