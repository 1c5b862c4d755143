import { supervisorStates } from '../../engine/supervisor-states.ts'
import type { Incident } from '../../model/incident.ts'
import { isLostLogin, lastToldOf, type SupervisedNode, type SupervisorState } from '../../model/supervisor.ts'
import type { Found, Seen } from './found.ts'

/**
 * What agent supervisors told at the last look at them. What one does not tell any more has not become well by that: an
 * incident about it stays as it is.
 */
export const supervisorsIn = ({ view }: Pick<Seen, 'view'>): readonly Found[] =>
  (supervisorStates(view).supervisors ?? []).flatMap((state) => [
    ...unreachableFound(state),
    ...(state.nodes ?? []).flatMap((node) => [...awayFound(state, node), ...loginsFound(state, node)]),
    ...driftFound(state),
  ])

interface Told extends Pick<Incident, 'type' | 'title' | 'lines'> {
  readonly key: string
  readonly material: string
  readonly looks?: number
}

const foundOf = ({ target }: SupervisorState, { key, type, title, lines, ...rest }: Told): Found => ({
  incident: {
    key: `supervisor:${target}${key}`,
    type,
    severity: 'warning',
    title,
    lines,
    command: 'swarmkeeper status',
  },
  ...rest,
})

function unreachableFound(state: SupervisorState): readonly Found[] {
  const { target, unreachable, todo } = state
  if (unreachable === undefined) return []
  const lines = [unreachable, 'what it supervises is unknown', ...(todo === undefined ? [] : [`=> ${todo}`])]
  const title = `the agent supervisor ${target} cannot be reached`
  return [foundOf(state, { key: '', type: 'target-unreachable', title, lines, material: '', looks: 2 })]
}

/** Offline, as it says; or nothing is told of it at several looks, and nobody else says that the supervisor is away. */
function awayFound(state: SupervisorState, node: SupervisedNode): readonly Found[] {
  const { status } = lastToldOf(node)
  const silent = node.status === 'unknown' && state.unreachable === undefined
  if (status === 'online' && !silent) return []
  const away = status === 'offline' || status === 'degraded'
  if (!away && !silent) return []
  const title = `${state.target}: the node ${node.id} is ${away ? status : 'not known to it'}`
  const lines = silent ? ['it does not list the node now: unknown until its agent connects'] : []
  return [
    foundOf(state, {
      key: `:node:${node.id}`,
      type: 'unhealthy',
      title,
      lines,
      material: away ? status : 'unknown',
      ...(away ? {} : { looks: 3 }),
    }),
  ]
}

function loginsFound(state: SupervisorState, node: SupervisedNode): readonly Found[] {
  const lost = Object.entries(lastToldOf(node).logins ?? {}).filter(([, status]) => isLostLogin(status))
  if (lost.length === 0) return []
  const lines = [
    ...lost.map(([tool, status]) => `${tool}: ${status}`),
    `=> log in again on the node, or: halctl auth status ${node.id}`,
  ]
  const title = `${state.target}: ${lost.map(([tool]) => tool).join(', ')} on ${node.id} ${lost.length === 1 ? 'is' : 'are'} not logged in`
  return [foundOf(state, { key: `:logins:${node.id}`, type: 'unhealthy', title, lines, material: lines.join() })]
}

function driftFound(state: SupervisorState): readonly Found[] {
  const drifted = (state.nodes ?? []).filter((node) => lastToldOf(node).credentials === 'drift_detected')
  const ids = drifted.map(({ id }) => id)
  if (ids.length === 0) return []
  const where = ids.length === 1 ? ids[0] : `${ids.length} nodes`
  const title = `${state.target}: the credentials on ${where} are not those that it gave`
  return [
    foundOf(state, { key: ':credentials', type: 'drift', title, lines: ids.slice(0, 20), material: ids.join(' ') }),
  ]
}
