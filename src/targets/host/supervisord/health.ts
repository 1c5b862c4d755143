import type { ProgramSpec, WantedState } from '../../../kinds/program/spec.ts'
import type { Health, HealthStatus } from '../../../model/live.ts'
import type { ProcessFact } from './facts.ts'

/**
 * Of all that the document declares. A process counts as healthy when supervisord calls it RUNNING, which is past its
 * startsecs; what ends and starts again gets another pid, and so is never stable.
 */
export function programHealth(groups: ProgramSpec['groups'], processes: readonly ProcessFact[]): Health {
  const wanted = Object.entries(groups).flatMap(([group, { processes: names }]) =>
    Object.entries(names).map(([name, state]) => ({ group, name, state })),
  )
  const judged = wanted.map(({ group, name, state }) => {
    const found = processes.find((one) => one.group === group && one.name === name)
    return { found, label: labelOf(group, name), status: statusOf(state, found?.statename) }
  })
  const worst = WORST.find((status) => judged.some((one) => one.status === status)) ?? 'healthy'
  const instance = judged.map(({ label, found }) => `${label}=${found?.pid ?? ''}`).join(' ')
  const bad = judged.filter(({ status }) => status !== 'healthy')
  const running = judged.filter(({ found }) => found?.statename === 'RUNNING').length
  const told = bad.slice(0, 3).map(({ label, found }) => `${label} is ${wordsOf(found)}`)
  const message = [`${running}/${judged.length} running`, ...told].join('; ')
  return { status: worst, message, instance }
}

const WORST: readonly HealthStatus[] = ['degraded', 'progressing']
const labelOf = (group: string, name: string): string => (group === name ? name : `${group}:${name}`)

const wordsOf = (found: ProcessFact | undefined): string =>
  found === undefined ? 'not there' : found.why ? `${found.statename} (${found.why})` : found.statename

/** BACKOFF is a start that failed, and is tried again; FATAL is tried no more (supervisor's process states). */
function statusOf(wanted: WantedState, state: string | undefined): HealthStatus {
  if (wanted === 'any') return state === 'FATAL' || state === 'BACKOFF' ? 'degraded' : 'healthy'
  if (wanted === 'stopped') return state === 'STOPPING' ? 'progressing' : 'healthy'
  if (state === 'RUNNING') return 'healthy'
  if (state === 'STARTING' || state === 'STOPPING') return 'progressing'
  return wanted === 'started' && state === 'EXITED' ? 'healthy' : 'degraded'
}
