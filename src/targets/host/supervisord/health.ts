import type { ProgramSpec, WantedState } from '../../../kinds/program/spec.ts'
import type { Health, HealthStatus } from '../../../model/live.ts'
import type { ProcessFact, SupervisordFacts } from './facts.ts'

/**
 * Of all that the document declares. A process counts as healthy when supervisord calls it RUNNING, which is past its
 * startsecs; what ends and starts again gets another pid, and so is never stable.
 */
export function programHealth(groups: ProgramSpec['groups'], supervisord: SupervisordFacts): Health {
  const { processes, read } = supervisord
  const wanted = Object.entries(groups).flatMap(([group, { processes: names }]) =>
    Object.entries(names).map(([name, state]) => ({ group, name, state })),
  )
  const judged = wanted.map(({ group, name, state }) => {
    const found = processes.find((one) => one.group === group && one.name === name)
    const expected = read.get(`${group}:${name}`) ?? [0]
    const status = found ? statusOf(state, found, expected) : missing(state)
    const words = found ? wordsOf(found) : read.has(`${group}:${name}`) ? 'read, and not added' : 'not there'
    return { found, label: labelOf(group, name), status, words }
  })
  const worst = WORST.find((status) => judged.some((one) => one.status === status)) ?? 'healthy'
  const instance = judged.map(({ label, found }) => `${label}=${found?.pid ?? ''}`).join(' ')
  const bad = judged.filter(({ status }) => status !== 'healthy')
  const running = judged.filter(({ found }) => found?.statename === 'RUNNING').length
  const told = bad.slice(0, 3).map(({ label, words }) => `${label} is ${words}`)
  const message = [`${running}/${judged.length} running`, ...told].join('; ')
  return { status: worst, message, instance }
}

const WORST: readonly HealthStatus[] = ['degraded', 'progressing']
const labelOf = (group: string, name: string): string => (group === name ? name : `${group}:${name}`)

const missing = (wanted: WantedState): HealthStatus =>
  wanted === 'any' || wanted === 'stopped' ? 'healthy' : 'degraded'

/** Without what varies from one look to the next (reliability.md 26). */
function wordsOf({ statename, why, exitstatus }: ProcessFact): string {
  if (statename === 'EXITED') return `EXITED (status ${exitstatus})`
  return FAILED.includes(statename) && why ? `${statename} (${why})` : statename
}

/** BACKOFF is a start that failed, and is tried again; FATAL is tried no more (supervisor's process states). */
const FAILED = ['BACKOFF', 'FATAL']

function statusOf(wanted: WantedState, found: ProcessFact, expected: readonly number[]): HealthStatus {
  const { statename } = found
  if (wanted === 'stopped') return statename === 'STOPPING' ? 'progressing' : 'healthy'
  if (FAILED.includes(statename)) return 'degraded'
  if (statename === 'RUNNING' || wanted === 'any') return 'healthy'
  if (statename === 'STARTING' || statename === 'STOPPING') return 'progressing'
  return wanted === 'started' && statename === 'EXITED' && expected.includes(found.exitstatus) ? 'healthy' : 'degraded'
}
