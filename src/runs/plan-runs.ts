import type { Agent, AgentRun } from '../model/agent.ts'
import type { ResourceId } from '../model/id.ts'
import { dueBetween, floorMinute, type Timetable } from './due.ts'

/** Later than this, a time went by. */
export const ON_TIME_MS = 60_000
/** What was missed before that is no story any more. */
const LOOK_BACK_MS = 31 * 24 * 3_600_000
/** Missed runs are counted up to here. */
const COUNTED = 100

export interface PlanRunsInput {
  readonly agents: readonly Agent[]
  /** What is kept of runs, ended or not. */
  readonly runs: readonly Pick<AgentRun, 'agent' | 'id' | 'tick' | 'outcome'>[]
  /** Agent -> ISO time of the last minute that was looked at for it. */
  readonly looked: ReadonlyMap<string, string>
  readonly now: Date
  /** Why none of it may start now; undefined: it may, or that is found out as it starts. */
  hindrance(agent: Agent, id: ResourceId): string | undefined
  timetable(schedule: NonNullable<Agent['schedule']>): Timetable
}

export type RunDecision = Pick<AgentRun, 'agent' | 'id' | 'tick' | 'message'> &
  ({ readonly outcome: 'running'; readonly late: boolean } | { readonly outcome: 'missed' | 'refused' })

export interface RunPlan {
  /** What is to be kept before anything else is done. */
  readonly decisions: readonly RunDecision[]
  /** What was looked at then; of agents that are not scheduled any more nothing is kept. */
  readonly looked: ReadonlyMap<string, string>
}

/**
 * Which runs are due since the last look: one for each agent and target at most. Of an agent that is seen for the first time
 * nothing before is due.
 */
export function planRuns(input: PlanRunsInput): RunPlan {
  const looked = new Map<string, string>()
  const decisions = input.agents.flatMap((agent) => {
    if (!agent.schedule) return []
    const before = input.looked.get(agent.key)
    const until = floorMinute(input.now.getTime())
    // A clock that was set back has seen these minutes already.
    const last = before === undefined ? until : Math.max(Date.parse(before), until)
    looked.set(agent.key, new Date(before === undefined ? until : last).toISOString())
    if (before === undefined) return []
    return agent.ids.flatMap((id) => decideOn(agent, id, Date.parse(before), input))
  })
  return { decisions, looked }
}

function decideOn(agent: Agent, id: ResourceId, before: number, input: PlanRunsInput): readonly RunDecision[] {
  const { schedule } = agent
  if (!schedule) return []
  const now = input.now.getTime()
  const after = Math.max(before, now - LOOK_BACK_MS)
  const due = dueBetween(input.timetable(schedule), after, now, COUNTED)
  const [newest, second] = due
  if (newest === undefined) return []
  const isOnTime = now - newest <= ON_TIME_MS
  const ofTick = { agent: agent.key, id }
  const missedFrom = isOnTime ? second : newest
  const count = isOnTime ? due.length - 1 : due.length
  const startsLate = !isOnTime && schedule.missed === 'once'
  const missed: readonly RunDecision[] =
    missedFrom === undefined || startsLate
      ? []
      : [{ ...ofTick, tick: iso(missedFrom), outcome: 'missed', message: missedWords(count) }]
  if (!isOnTime && !startsLate) return missed.filter((one) => !isKnown(one, input))
  const tick = iso(newest)
  const why = hindranceOf({ agent, id, tick }, input)
  const start: RunDecision =
    why === undefined
      ? { ...ofTick, tick, outcome: 'running', late: startsLate, message: startsLate ? lateWords(count) : 'due' }
      : { ...ofTick, tick, outcome: 'refused', message: why }
  return [...missed, start].filter((one) => !isKnown(one, input))
}

/** `2026-11-21 07:00Z` */
export const shortTime = (tick: string): string => `${tick.slice(0, 16).replace('T', ' ')}Z`

const iso = (at: number): string => new Date(at).toISOString()

const isKnown = ({ id, tick }: RunDecision, { runs }: PlanRunsInput): boolean =>
  runs.some((run) => run.id === id && run.tick === tick)

function hindranceOf(
  { agent, id, tick }: { readonly agent: Agent; readonly id: ResourceId; readonly tick: string },
  { runs, hindrance }: PlanRunsInput,
): string | undefined {
  const going = runs.find((run) => run.id === id && run.outcome === 'running' && run.tick !== tick)
  return going ? `the run of ${shortTime(going.tick)} still goes on` : hindrance(agent, id)
}

const countWords = (count: number): string => (count >= COUNTED ? `${COUNTED} or more` : String(count))

const missedWords = (count: number): string =>
  count === 1
    ? 'nobody could start it at its time'
    : `nobody could start it at its time, nor the ${countWords(count - 1)} before it`

const lateWords = (count: number): string =>
  count === 1 ? 'late: nobody could start it at its time' : `in place of ${countWords(count)} that were missed`
