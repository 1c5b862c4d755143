import type { SupervisedNode, SupervisorState } from '../model/supervisor.ts'
import { asMap } from './client.ts'

/** What of an answer is read; a reader that finds nothing of its contract gives undefined. */
export const MOST_NODES = 500
/** Its own limit, where none is asked for. */
export const MOST_SESSIONS = 100
const LONGEST = 200

type Session = NonNullable<SupervisorState['sessions']>[number]

/** Go writes an empty list as null. */
const listOf = (data: unknown): readonly unknown[] | undefined =>
  data === null ? [] : Array.isArray(data) ? data : undefined

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST ? value : undefined

const wordIn = <W extends string>(words: readonly W[], value: unknown): W | undefined =>
  words.find((word) => word === value)

const NODE_STATUS = ['online', 'offline', 'degraded'] as const
const CREDENTIALS = ['in_sync', 'drift_detected'] as const

/** `/api/v1/nodes`: what it has heard of since it started. */
export function nodesIn(data: unknown): readonly SupervisedNode[] | undefined {
  return listOf(data)
    ?.slice(0, MOST_NODES)
    .flatMap((entry): readonly SupervisedNode[] => {
      const { id: written, status, last_heartbeat: heard } = asMap(entry)
      const id = textOf(written)
      if (id === undefined) return []
      const heardAt = timeOf(heard)
      return [
        {
          id,
          status: wordIn(NODE_STATUS, status) ?? 'unknown',
          ...(heardAt === undefined ? {} : { heardAt }),
          credentials: 'unknown',
        },
      ]
    })
}

/** Go's zero time is none. */
function timeOf(value: unknown): string | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) || at <= 0 ? undefined : new Date(at).toISOString()
}

/** `/api/v1/nodes/{id}/auth`. */
export function authIn(data: unknown): Pick<SupervisedNode, 'logins' | 'credentials'> {
  const { auth_states: states, credential_sync: sync } = asMap(data)
  const logins = Object.entries(asMap(states)).flatMap(([tool, state]) => {
    const status = textOf(asMap(state).status)
    return status === undefined || tool.length > LONGEST ? [] : [[tool, status] as const]
  })
  return {
    // A node that has reported no tool yet has not said that it needs no login.
    ...(logins.length === 0 ? {} : { logins: Object.fromEntries(logins) }),
    credentials: wordIn(CREDENTIALS, sync) ?? 'unknown',
  }
}

/** `/api/v1/auth/drift`: ids of the nodes whose credentials are not those that it gave them. */
export function driftIn(data: unknown): readonly string[] | undefined {
  return listOf(data)?.flatMap((entry) => textOf(asMap(entry).node_id) ?? [])
}

/** `/api/v1/sessions`. An empty list is what its releases give whatever runs: they never enter a session. */
export function sessionsIn(data: unknown): readonly Session[] | undefined {
  const sessions = listOf(data)
    ?.slice(0, MOST_SESSIONS)
    .flatMap((entry): readonly Session[] => {
      const { id, node_id, project, status } = asMap(entry)
      const [written, node] = [textOf(id), textOf(node_id)]
      if (written === undefined || node === undefined) return []
      return [{ id: written, node, project: textOf(project) ?? '', status: textOf(status) ?? 'unknown' }]
    })
  return sessions === undefined || sessions.length === 0 ? undefined : sessions
}

/** `/api/v1/cost?period=today`. Without a provider it has asked nobody: its nought is no figure. */
export function costIn(data: unknown): SupervisorState['cost'] {
  const { period, total_cost_usd: total, by_provider, by_project, degraded_providers } = asMap(data)
  const providers = listOf(by_provider)
  const degraded = (listOf(degraded_providers ?? null) ?? []).map((one) => textOf(one) ?? '?')
  if (period !== 'today' || !isMoney(total) || providers === undefined) return undefined
  if (degraded.length > 0) return { byProject: {}, degraded }
  if (providers.length === 0) return undefined
  const byProject = (listOf(by_project ?? null) ?? []).flatMap((entry) => {
    const { project, cost_usd: cost } = asMap(entry)
    const name = textOf(project)
    return name === undefined || !isMoney(cost) ? [] : [[name, cost] as const]
  })
  return { today: total, byProject: Object.fromEntries(byProject), degraded }
}

const isMoney = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0
