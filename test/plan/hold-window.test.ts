import { expect, it } from 'vitest'
import type { Cause, Goal } from '../../src/model/plan.ts'
import { holdForWindow } from '../../src/plan/hold-window.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { thing } from '../support/fleet.ts'
import { planInput, recordedAs } from '../support/plan-input.ts'
import { heldWords, seen, stageWords, want } from './plan-world.ts'

const denying = { until: new Date('2026-01-05T06:00:00Z'), text: 'Fri 18:00 - Mon 07:00 (Europe/Berlin)' }
const message = 'maintenance window until 2026-01-05T06:00:00.000Z: Fri 18:00 - Mon 07:00 (Europe/Berlin)'

/** One of each cause: a new one, one that drifted, one under an overlay. */
function planned(goal: Goal = 'desired') {
  const [drifted, rested] = [want(thing('drifted', {}, { keeper: { drift: 'heal' } })), want(thing('rested'))]
  const record = [recordedAs(drifted), recordedAs(rested)]
  const live = {
    [drifted.id]: seen(drifted, { patch: { value: 7 } }),
    [rested.id]: seen(rested, { patch: { value: 7 } }),
    'prod/Thing/new': { state: 'absent' as const },
  }
  const overlays = new Map<typeof rested.id, Cause>([[rested.id, 'operator']])
  const wanted = [drifted, rested, want(thing('new'))]
  return makePlan({ ...planInput({ wanted, record, live }), goal, overlays })
}

it('in a window revisions and heals wait, what a person decided goes on', () => {
  const { plan, guards } = holdForWindow(planned(), { denying, goesOn: false })
  expect(stageWords(plan)).toEqual([['update Thing/rested']])
  expect(plan.held.map(heldWords)).toEqual(['reported: Thing/drifted', 'window: Thing/new'])
  expect(new Set(plan.held.map((held) => held.message))).toEqual(new Set([message]))
  expect(guards).toEqual([{ name: 'window:r2', message }])
})

it('where a person chose the revision, or it has begun, only heals wait, and nothing needs a word', () => {
  const { plan, guards } = holdForWindow(planned(), { denying, goesOn: true })
  expect(stageWords(plan)).toEqual([['create Thing/new', 'update Thing/rested']])
  expect(plan.held.map(heldWords)).toEqual(['reported: Thing/drifted'])
  expect(guards).toEqual([])
})

it.each([
  ['outside of a window', planned(), undefined],
  ['rule 16: on the way back', planned('last-good'), denying],
])('%s the plan is what it was', (_, plan, window) => {
  expect(holdForWindow(plan, { denying: window, goesOn: false })).toEqual({ plan, guards: [] })
})
