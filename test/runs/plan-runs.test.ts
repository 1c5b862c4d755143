import { describe, expect, it } from 'vitest'
import type { Agent, Schedule } from '../../src/model/agent.ts'
import type { ResourceId } from '../../src/model/id.ts'
import { createTimetable } from '../../src/runs/due.ts'
import { type PlanRunsInput, planRuns } from '../../src/runs/plan-runs.ts'
import { agentOf } from './agents.ts'

const plan = (agent: Agent, looked: string | undefined, now: string, more: Partial<PlanRunsInput> = {}) =>
  planRuns({
    agents: [agent],
    open: [],
    isKnown: () => false,
    looked: new Map(looked === undefined ? [] : [[agent.key, `2026-11-21T${looked}:00.000Z`]]),
    now: new Date(`2026-11-21T${now}Z`),
    hindrance: () => undefined,
    timetable: createTimetable,
    ...more,
  })
/** `07:00 start: due` */
const words = (...args: Parameters<typeof plan>): readonly string[] =>
  plan(...args).decisions.map(({ tick, to, message }) => `${tick.slice(11, 16)} ${to}: ${message}`)

const daily = (more: Partial<Schedule> = {}) => agentOf({ cron: '0 7 * * *', ...more })
const hourly = (more: Partial<Schedule> = {}) => agentOf({ cron: '0 * * * *', ...more })

describe('what runs are due', () => {
  it('is one at its minute, once', () => {
    expect(words(daily(), '06:58', '06:59:30')).toEqual([])
    expect(words(daily(), '06:59', '07:00:01')).toEqual(['07:00 start: due'])
    expect(words(daily(), '07:00', '07:00:59')).toEqual([])
    expect(plan(daily(), '06:59', '07:00:01').looked).toEqual(new Map([['web/digest', '2026-11-21T07:00:00.000Z']]))
  })

  it('is none at the first sight of an agent, nor of one without a schedule', () => {
    expect(words(daily(), undefined, '07:00:01')).toEqual([])
    expect(plan(daily(), undefined, '07:00:01').looked.get('web/digest')).toBe('2026-11-21T07:00:00.000Z')
    const { schedule: _, ...endless } = daily()
    expect(plan(endless, '06:59', '07:00:01')).toEqual({ decisions: [], looked: new Map() })
  })

  it('is one on each of its targets', () => {
    const agent = { ...daily(), ids: ['a/Unit/digest.service', 'b/Unit/digest.service'] as ResourceId[] }
    expect(plan(agent, '06:59', '07:00:01').decisions.map(({ id, to }) => `${id} ${to}`)).toEqual([
      'a/Unit/digest.service start',
      'b/Unit/digest.service start',
    ])
  })

  it('is on time for a minute: a restart at the moment of a run does not cost it', () => {
    expect(words(daily(), '06:59', '07:01:00')).toEqual(['07:00 start: due'])
    expect(words(daily(), '06:59', '07:01:01')).toEqual(['07:00 miss: nobody could start it at its time'])
  })

  it('is told once when many were missed, and none of them is made up for', () => {
    expect(words(hourly(), '02:30', '07:30:00')).toEqual([
      '07:00 miss: nobody could start it at its time, nor the 4 before it',
    ])
  })

  it('is one in place of all that were missed, where the agent says so', () => {
    expect(words(hourly({ missed: 'once' }), '02:30', '07:30:00')).toEqual([
      '07:00 start-late: in place of 5 that were missed',
    ])
    expect(words(daily({ missed: 'once' }), '06:30', '07:30:00')).toEqual([
      '07:00 start-late: late: nobody could start it at its time',
    ])
  })

  it('is the one that is on time, beside those that were missed before', () => {
    expect(words(hourly({ missed: 'once' }), '04:30', '07:00:20')).toEqual([
      '06:00 miss: nobody could start it at its time, nor the 1 before it',
      '07:00 start: due',
    ])
  })

  it('does not look back further than a month', () => {
    const [decision] = plan(hourly(), undefined, '07:30:00', {
      looked: new Map([['web/digest', '2020-01-01T00:00:00.000Z']]),
    }).decisions
    expect(decision?.message).toBe('nobody could start it at its time, nor the 99 or more before it')
  })

  it('is refused while the run before goes on', () => {
    const open = [{ id: 'prod/Service/digest' as ResourceId, tick: '2026-11-21T06:00:00.000Z' }]
    expect(words(hourly(), '06:59', '07:00:01', { open })).toEqual([
      '07:00 refuse: the run of 2026-11-21 06:00Z still goes on',
    ])
    const other = [{ id: 'other/Service/digest' as ResourceId, tick: '2026-11-21T06:00:00.000Z' }]
    expect(words(hourly(), '06:59', '07:00:01', { open: other })).toEqual(['07:00 start: due'])
  })

  it('is refused for what its budget, its app or the fleet says', () => {
    const hindrance = () => 'its budget is used up'
    expect(words(hourly(), '06:59', '07:00:01', { hindrance })).toEqual(['07:00 refuse: its budget is used up'])
  })

  it('was decided before, and is not again', () => {
    expect(words(daily(), '06:59', '07:00:01', { isKnown: () => true })).toEqual([])
  })

  it('does not come again when the clock is set back, and does when it was wrong by days', () => {
    expect(words(daily(), '07:05', '07:00:10')).toEqual([])
    expect(plan(daily(), '07:05', '07:00:10').looked.get('web/digest')).toBe('2026-11-21T07:05:00.000Z')
    const wrong = new Map([['web/digest', '2027-11-21T07:00:00.000Z']])
    expect(plan(daily(), undefined, '06:00:10', { looked: wrong }).looked.get('web/digest')).toBe(
      '2026-11-21T06:00:00.000Z',
    )
  })
})
