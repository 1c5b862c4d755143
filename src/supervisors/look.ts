import { messageOf, ReconcileError } from '../model/error.ts'
import type { SupervisedNode, SupervisorState } from '../model/supervisor.ts'
import type { CallOptions } from '../model/target.ts'
import { authIn, costIn, driftIn, MOST_NODES, MOST_SESSIONS, nodesIn, sessionsIn } from './answers.ts'
import type { Answer, SupervisorClient } from './client.ts'
import { expectedNodes, type Remembering } from './nodes.ts'

export const COST_TODAY = '/api/v1/cost?period=today'
const SESSIONS = `/api/v1/sessions?limit=${MOST_SESSIONS}`
/** More questions than these are not asked at once, and not in one look. */
const AT_ONCE = 4
const MOST_LOGINS = 64
/** What has not answered by then is not waited for. */
const LOOK_MS = 45_000

interface Asking extends Remembering, CallOptions {
  readonly target: string
}

/**
 * One look: its nodes first, for without them there is nobody to ask; then readiness, drift, sessions and cost, and the
 * logins of each node that is there. Five questions, and one for each of these nodes.
 */
export async function lookAt(client: SupervisorClient, asking: Asking): Promise<SupervisorState> {
  const { target, at, signal } = asking
  const nodes = (listed?: readonly SupervisedNode[]) => withNodes(expectedNodes(listed, asking))
  try {
    const first = await client.askFirst('/api/v1/nodes', asking)
    const absent: string[] = []
    const listed = read(first, { what: 'nodes', most: MOST_NODES, absent }, nodesIn)
    if (listed?.length === 0) absent.push('nodes: an empty list, as after a restart until its agents reconnect')
    const rest = await askRest(client, { listed: listed ?? [], absent, signal })
    return { target, at, ...nodes(rest.nodes), ...rest.told, absent }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ReconcileError)) throw error
    return { target, at, unreachable: messageOf(error), todo: error.todo, ...nodes(), absent: [] }
  }
}

const withNodes = (nodes: SupervisorState['nodes']): Pick<SupervisorState, 'nodes'> => (nodes ? { nodes } : {})

interface Rest extends CallOptions {
  readonly listed: readonly SupervisedNode[]
  readonly absent: string[]
}

async function askRest(client: SupervisorClient, { listed, absent, signal }: Rest) {
  const time = AbortSignal.timeout(LOOK_MS)
  const options = { signal: AbortSignal.any([signal, time]) }
  const ask = (body: () => Promise<Answer>): Promise<Answer> =>
    body().catch((error: unknown): Answer => {
      signal.throwIfAborted()
      if (time.aborted) return { absent: `no answer within ${LOOK_MS / 1000} s` }
      throw error
    })
  const [ready, drift, sessions, cost] = await Promise.all([
    ask(() => client.health('/readyz', options)),
    ask(() => client.ask('/api/v1/auth/drift', options)),
    ask(() => client.ask(SESSIONS, options)),
    ask(() => client.ask(COST_TODAY, options)),
  ])
  if ('absent' in ready) absent.push(`readiness: ${ready.absent}`)
  const drifted = read(drift, { what: 'credential drift', absent }, driftIn)
  const told = {
    sessions: read(sessions, { what: 'sessions', most: MOST_SESSIONS, absent }, sessionsIn),
    cost: read(cost, { what: 'cost', absent }, costIn),
  }
  const auths = await askLogins(listed, { absent, auth: (id) => ask(() => client.ask(authPath(id), options)) })
  const nodes = listed.map((node) => {
    const known = { ...node, ...auths.get(node.id) }
    return drifted?.includes(node.id) ? { ...known, credentials: 'drift_detected' as const } : known
  })
  return { nodes, told: { ...(told.sessions && { sessions: told.sessions }), ...(told.cost && { cost: told.cost }) } }
}

const authPath = (id: string): string => `/api/v1/nodes/${encodeURIComponent(id)}/auth`

interface Reading {
  readonly what: string
  /** So many are read of it. */
  readonly most?: number
  readonly absent: string[]
}

/** What an answer tells; what it does not is written down as absent. */
function read<T>(answer: Answer, { what, most, absent }: Reading, reader: (data: unknown) => T | undefined) {
  if ('absent' in answer) {
    absent.push(`${what}: ${answer.absent}`)
    return undefined
  }
  const told = reader(answer.data)
  if (told === undefined)
    absent.push(`${what}: ${isEmpty(answer.data) ? 'an empty answer' : 'an answer of another form'}`)
  const { total = 0 } = answer
  if (most !== undefined && total > most) absent.push(`${what}: ${most} of ${total} are read`)
  return told
}

const isEmpty = (data: unknown): boolean => data === null || (Array.isArray(data) && data.length === 0)

interface Logins {
  readonly absent: string[]
  auth(id: string): Promise<Answer>
}

/** Of nodes that are there: what an offline one was logged in to is not known. */
async function askLogins(listed: readonly SupervisedNode[], { auth, absent }: Logins) {
  const there = listed.filter(({ status }) => status !== 'offline')
  const asked = there.slice(0, MOST_LOGINS)
  if (there.length > asked.length) absent.push(`logins: of ${asked.length} of ${there.length} nodes`)
  const found = new Map<string, ReturnType<typeof authIn>>()
  const queue = [...asked]
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const answer = await auth(next.id)
      if ('absent' in answer) absent.push(`logins of ${next.id}: ${answer.absent}`)
      else found.set(next.id, authIn(answer.data))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return found
}
