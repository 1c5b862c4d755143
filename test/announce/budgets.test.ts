import { beforeEach, describe, expect, it } from 'vitest'
import { budgetsNow } from '../../src/announce/incidents/budgets.ts'
import type { BudgetState, Halt, KeptBudgetState } from '../../src/model/budget.ts'
import type { Store } from '../../src/model/store.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { shortId } from '../support/fleet.ts'

const state: BudgetState = {
  ...{ budget: 'web/daily', unit: 'cost', currency: 'USD', limit: 100_000_000, spent: 103_200_000, covers: [] },
  ...{ warned: [50, 80], bound: { seconds: 150, why: 'asked every 30 s' } },
  window: { start: '2026-11-21T00:00:00.000Z', end: '2026-11-22T00:00:00.000Z' },
}
const since = '2026-11-21T11:00:00.000Z'
const halted = { why: 'exceeded', since, until: state.window.end, message: 'budget web/daily: used up' } as const
const halt: Halt = { ...halted, budget: 'web/daily', ids: [shortId('Thing/agent')] }

let store: Store
beforeEach(() => {
  store = createMemoryStore()
})

const found = (kept: Partial<KeptBudgetState>, halts: readonly Halt[] = []) => {
  const at = kept.at ?? '2026-11-21T11:00:10.000Z'
  store.shelf<KeptBudgetState>('budget-state').put('web/daily', { at, state, told: [], ...kept }, at)
  store.putApp({ ...store.app('web'), halts })
  return budgetsNow(store)
}
const stopped = (at: string, stoppedAt?: string) =>
  found({ at, state: { ...state, halted } }, [{ ...halt, ...(stoppedAt ? { stoppedAt } : {}) }])

describe('thresholds', () => {
  it('are a message each, for an edit calls nobody', () => {
    expect(found({ told: [50, 80] }).map(({ incident: { key, severity } }) => [key, severity])).toEqual([
      [`budget:web/daily:${state.window.start}:50`, 'warning'],
      [`budget:web/daily:${state.window.start}:80`, 'warning'],
    ])
  })

  it('are critical at the limit, where nothing is stopped for it', () => {
    expect(found({ told: [100] })[0]?.incident).toMatchObject({
      severity: 'critical',
      title: 'budget web/daily: 100 % is used, and its agents go on',
    })
  })
})

describe('a suspension', () => {
  it('says what rests, what ends it, and how far it may be overshot', () => {
    const [one] = stopped('2026-11-21T11:00:10.000Z')
    expect(one?.incident).toMatchObject({
      ...{ type: 'budget', severity: 'critical', app: 'web', command: 'swarmkeeper resume web' },
      title: 'budget web/daily: it is used up, and its agents are stopped',
    })
    expect(one?.incident.lines).toEqual([
      'budget web/daily: used up',
      'its agents are being stopped',
      'a limit can be overshot for up to 150 s: asked every 30 s',
      'at rest: prod/Thing/agent',
      `they run again at ${state.window.end}`,
    ])
  })

  it('says the true overshoot once figures of the time after the stop are in', () => {
    const lines = (at: string) => stopped(at, '2026-11-21T11:00:20.000Z')[0]?.incident.lines[1]
    expect(lines('2026-11-21T11:01:00.000Z')).toBe('its agents have stopped; $3.20 over the limit so far')
    expect(lines('2026-11-21T11:02:50.000Z')).toBe(
      'its agents have stopped; true overshoot: $3.20 over the limit (spent $103.20 of $100.00)',
    )
  })

  it('goes by the window in which it was stopped', () => {
    const during = { since, spent: 120_000_000, limit: 100_000_000 }
    const next = { ...state, spent: 0, halted: { ...halted, why: 'burn' as const } }
    const [one] = found({ at: '2026-11-22T01:00:00.000Z', state: next, during }, [{ ...halt, stoppedAt: since }])
    expect(one?.incident.lines[1]).toContain('true overshoot: $20.00 over the limit')
  })

  it('says loudly that a frozen fleet stops nothing', () => {
    store.putFleet({ ...store.fleet(), frozen: { reason: '', by: 'ada', at: since } })
    expect(stopped('2026-11-21T11:00:10.000Z')[0]?.incident.lines.join()).toContain('THE FLEET IS FROZEN by ada')
  })

  it('is over when a person resumed all of it', () => {
    expect(found({ state: { ...state, halted } }, [{ ...halt, lifted: true }])).toEqual([])
  })
})

it('what nobody knows calls a person where new runs wait for it', () => {
  const unknown = { why: 'prometheus main does not answer', since }
  const severity = (rest: Partial<BudgetState>) =>
    found({ state: { ...state, unknown, ...rest } })[0]?.incident.severity
  expect(severity({})).toBe('warning')
  expect(severity({ holdsNew: true })).toBe('critical')
})
