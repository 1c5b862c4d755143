import type { FleetStatus } from '../model/outcome.ts'
import { isLostLogin, type SupervisedNode, type SupervisorState } from '../model/supervisor.ts'
import { ageOf } from './ages.ts'
import type { Paint } from './paint.ts'
import { plural, printable } from './printable.ts'

/** Each agent supervisor in a line, and below it what is not well, and what it does not tell. */
export const renderSupervisors = (
  { supervisors = [] }: Pick<FleetStatus, 'supervisors'>,
  now: Date,
  paint: Paint,
): readonly string[] => supervisors.flatMap((state) => renderSupervisor(state, now, paint))

function renderSupervisor(state: SupervisorState, now: Date, paint: Paint): readonly string[] {
  const { target, at, unreachable, todo, absent } = state
  const below = [
    ...(state.nodes ?? []).flatMap((node) => renderNode(node, now, paint)),
    ...(absent.length === 0 ? [] : [paint.quiet(`not told: ${printable(absent.join('; '))}`)]),
  ].map((line) => `    ${line}`)
  if (at === undefined) {
    return [`${paint.careful('?')} supervisor ${target}: not looked at yet: the daemon does (\`swarmkeeper run\`)`]
  }
  const seen = `seen ${ageOf(at, now)}`
  if (unreachable === undefined) {
    return [`${signOf(state, paint)} supervisor ${target}: ${wordsOf(state)}, ${seen}`, ...below]
  }
  return [
    paint.bad(`✗ supervisor ${target}: not reached: ${printable(unreachable)}, ${seen}`),
    ...(todo === undefined ? [] : [`    ${paint.accent('=>')} ${printable(todo)}`]),
    ...below,
  ]
}

function signOf({ nodes = [] }: SupervisorState, paint: Paint): string {
  const unwell = nodes.some((node) => renderNode(node, new Date(0), paint).length > 0)
  return nodes.length === 0 ? paint.careful('?') : unwell ? paint.careful('!') : paint.good('✓')
}

/** `2 nodes online, 1 unknown; 3 sessions; $12.30 today`: what it does not tell is not counted as none. */
function wordsOf({ nodes, sessions, cost }: SupervisorState): string {
  const counts = STATUSES.flatMap((status) => {
    const count = nodes?.filter((node) => node.status === status).length ?? 0
    return count === 0 ? [] : [`${count} ${status}`]
  })
  const { today, degraded = [] } = cost ?? {}
  return [
    nodes === undefined ? 'its nodes are not known' : `nodes: ${counts.join(', ')}`,
    ...(sessions === undefined ? [] : [plural(sessions.length, 'session')]),
    ...(today === undefined ? [] : [`$${today.toFixed(2)} today`]),
    ...(degraded.length === 0 ? [] : [`cost unknown: it could not ask ${printable(degraded.join(', '))}`]),
  ].join('; ')
}

const STATUSES: readonly SupervisedNode['status'][] = ['online', 'degraded', 'offline', 'unknown']

function renderNode(node: SupervisedNode, now: Date, paint: Paint): readonly string[] {
  const { status, heardAt, last, logins = {}, credentials } = node
  const heard = heardAt === undefined ? '' : `, heard of ${ageOf(heardAt, now)}`
  const before = last === undefined ? ', never listed' : `, ${last.status} ${ageOf(last.at, now)}`
  const words = [
    ...(status === 'online' ? [] : [`${status}${status === 'unknown' ? before : heard}`]),
    ...Object.entries(logins)
      .filter(([, login]) => isLostLogin(login))
      .map(([tool, login]) => `${tool} ${login}`),
    ...(credentials === 'drift_detected' ? ['its credentials are not those that it was given'] : []),
  ]
  return words.length === 0 ? [] : [`${printable(node.id)}  ${paint.careful(printable(words.join('; ')))}`]
}
