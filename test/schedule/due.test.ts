import { expect, it } from 'vitest'
import type { AppState } from '../../src/model/app-state.ts'
import { dueWithin } from '../../src/schedule/due.ts'
import { blankApp } from '../../src/store/blank.ts'

const now = new Date('2026-01-01T12:00:00Z')
const at = (time: string): string => `2026-01-01T${time}Z`
const baking = (bakeUntil: string): AppState => ({
  ...blankApp('web'),
  attempt: {
    id: 'a',
    revision: 'r',
    at: at('11:00:00'),
    cause: 'revision',
    goal: 'desired',
    before: 'healthy',
    phase: 'baking',
    changed: [],
    created: [],
    bakeUntil,
  },
})
const resting = (until: string): AppState => ({
  ...blankApp('shop'),
  suspension: { until, reason: 'x', by: 'ada', since: at('11:00:00') },
})

it('the end of a bake or of a suspension brings the next tick forward', () => {
  expect(dueWithin([], now, 60_000)).toBe(60_000)
  expect(dueWithin([baking(at('12:00:10'))], now, 60_000)).toBe(10_050)
  expect(dueWithin([baking(at('12:00:10')), resting(at('12:00:05'))], now, 60_000)).toBe(5_050)
  expect(dueWithin([resting(at('13:00:00'))], now, 60_000)).toBe(60_000)
})

it('what is over already, and could not be ended, is seen at the interval', () => {
  expect(dueWithin([baking(at('11:59:00'))], now, 60_000)).toBe(60_000)
})
