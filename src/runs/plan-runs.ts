import type { Agent, AgentRun } from '../model/agent.ts'
import type { ResourceId } from '../model/id.ts'
import { dueBetween, floorMinute, type Timetable } from './due.ts'

/** Later than this, a time went by. */
export const ON_TIME_MS = 60_000
/** What was missed before that is no story any more. */
const LOOK_BACK_MS = 31 * 24 * 3_600_000
/** So far back clocks are set and nothing of it runs again. */
const TURNED_BACK_MS = 24 * 3_600_000
/** Missed runs are counted up to here. */
const COUNTED = 100

export interface PlanRunsInput {
  readonly agents: readonly Agent[]
  /** What goes on. */
  readonly open: readonly Pick<AgentRun, 'id' | 'tick'>[]
  /** Was it decided about this run before? */
  isKnown(id: ResourceId, tick: string): boolean
  /** Agent -> ISO time of the last minute that was looked at for it. */
  readonly looked: ReadonlyMap<string, string>
  readonly now: Date
  /** Why none of it may start now; undefined: it may, or that is found out as it starts. */
  hindrance(agent: Agent, id: ResourceId): string | undefined
  timetable(schedule: NonNullable<Agent['schedule']>): Timetable
}

export interface RunDecision extends Pick<AgentRun, 'agent' | 'id' | 'tick' | 'message'> {
  readonly to: 'start' | 'start-late' | 'miss' | 'refuse'
}

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
    const until = floorMinute(input.now.getTime())
    const before = lastLook(input.looked.get(agent.key), until)
    looked.set(agent.key, iso(Math.max(before ?? until, until)))
    return before === undefined ? [] : agent.ids.flatMap((id) => decideOn(agent, id, before, input))
  })
  return { decisions, looked }
}

/** A clock that was set back has seen these minutes already; one that went wrong by days has not. */
function lastLook(looked: string | undefined, now: number): number | undefined {
  const at = looked === undefined ? undefined : Date.parse(looked)
  return at === undefined || at - now > TURNED_BACK_MS ? undefined : at
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
      : [{ ...ofTick, tick: iso(missedFrom), to: 'miss', message: missedWords(count) }]
  if (!isOnTime && !startsLate) return missed.filter(({ tick }) => !input.isKnown(id, tick))
  const tick = iso(newest)
  const why = hindranceOf({ agent, id, tick }, input)
  const start: RunDecision =
    why === undefined
      ? { ...ofTick, tick, to: startsLate ? 'start-late' : 'start', message: startsLate ? lateWords(count) : 'due' }
      : { ...ofTick, tick, to: 'refuse', message: why }
  return [...missed, start].filter(({ tick }) => !input.isKnown(id, tick))
}

/** `2026-11-21 07:00Z` */
export const shortTime = (tick: string): string => `${tick.slice(0, 16).replace('T', ' ')}Z`

const iso = (at: number): string => new Date(at).toISOString()

function hindranceOf(
  { agent, id, tick }: { readonly agent: Agent; readonly id: ResourceId; readonly tick: string },
  { open, hindrance }: PlanRunsInput,
): string | undefined {
  const going = open.find((run) => run.id === id && run.tick !== tick)
  return going ? `the run of ${shortTime(going.tick)} still goes on` : hindrance(agent, id)
}

/** Of so many of those that were counted. */
const countWords = (count: number, counted: number): string => `${count}${counted >= COUNTED ? ' or more' : ''}`

const missedWords = (count: number): string =>
  count === 1
    ? 'nobody could start it at its time'
    : `nobody could start it at its time, nor the ${countWords(count - 1, count)} before it`

const lateWords = (count: number): string =>
  count === 1 ? 'late: nobody could start it at its time' : `in place of ${countWords(count, count)} that were missed`
