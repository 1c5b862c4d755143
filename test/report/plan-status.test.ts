import { describe, expect, it } from 'vitest'
import { planStatus } from '../../src/report/plan-status.ts'
import { appPlan, create, fleetPlan, id } from './samples.ts'

const made = [{ changes: [create(id('Service', 'web'))], gates: [], pauseMs: 0 }]

describe('the status of a plan', () => {
  it('is a success where the plan is valid, whatever it changes', () => {
    expect(planStatus(fleetPlan([appPlan({ stages: made })]))).toEqual({ state: 'success', description: '1 to create' })
  })

  it('is a success where targets could not be observed: only the text says so', () => {
    const held = [{ id: id('Service', 'far'), why: 'unknown' as const, message: 'new, not observed' }]
    const text = planStatus(fleetPlan([appPlan({ stages: made, held })]))
    expect(text).toEqual({ state: 'success', description: '1 to create; 1 unknown' })
  })

  it('is a failure where something is not valid', () => {
    const position = { path: 'a.yaml', line: 1, column: 1 }
    const problems = [{ severity: 'error' as const, position, pointer: '', message: 'no such field' }]
    expect(planStatus(fleetPlan([appPlan({ stages: made })], { problems }))).toEqual({
      state: 'failure',
      description: '1 error: 1 to create',
    })
  })

  it('is a failure where data would be left behind', () => {
    const held = [{ id: id('Service', 'db'), why: 'data' as const, message: 'postgres would start EMPTY' }]
    expect(planStatus(fleetPlan([appPlan({ held })]))).toEqual({
      state: 'failure',
      description: 'blocked, data would be left behind: prod/Service/db',
    })
  })
})
