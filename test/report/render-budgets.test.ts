import { describe, expect, it } from 'vitest'
import type { BudgetState } from '../../src/model/budget.ts'
import type { FleetStatus } from '../../src/model/outcome.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderBudgets } from '../../src/report/render-budgets.ts'
import { departureWords } from '../../src/report/render-departures.ts'

const now = new Date('2026-11-21T12:00:00.000Z')
const state: BudgetState = {
  ...{
    budget: 'web/daily',
    unit: 'cost',
    currency: 'USD',
    limit: 100_000_000,
    spent: 42_000_000,
    covers: [],
    warned: [],
  },
  window: { start: '2026-11-21T00:00:00.000Z', end: '2026-11-22T00:00:00.000Z' },
  bound: { seconds: 150, why: 'prometheus main: cost_usd: asked every 30 s, 60 s to stop' },
}
const lines = (change: Partial<BudgetState> = {}) =>
  renderBudgets({ budgets: [{ ...state, ...change }] }, now, plainPaint)

describe('a budget in the status', () => {
  it('that is well is one line: how much of it is used, and until when', () => {
    expect(lines()).toEqual(['✓ budget web/daily: [####------] 42 % $42.00 of $100.00, until 2026-11-22T00:00:00Z'])
  })

  it('of an agent says whose it is', () => {
    expect(lines({ of: 'digest' })[0]).toContain('budget web/daily of digest: ')
  })

  it('past a threshold is marked', () => {
    expect(lines({ spent: 85_000_000, warned: [50, 80] })[0]).toMatch(/^! .*\[########--\] 85 %/)
  })

  it('that stopped its agents says since when, until when, how far it was overshot, and what ends it', () => {
    const halted = {
      ...{ why: 'exceeded' as const, since: '2026-11-21T11:00:00.000Z', until: '2026-11-22T00:00:00.000Z' },
      message: 'budget web/daily: used up',
    }
    expect(lines({ spent: 103_200_000, warned: [50, 80], halted })).toEqual([
      '✗ budget web/daily: [##########] 103 % $103.20 of $100.00, until 2026-11-22T00:00:00Z',
      '    its agents were stopped 1 h ago, until 2026-11-22T00:00:00Z: budget web/daily: used up',
      '    => swarmkeeper resume web',
      '    $3.20 over; bound: prometheus main: cost_usd: asked every 30 s, 60 s to stop',
    ])
  })

  it('that stopped agents of other apps says that these are to be resumed', () => {
    const halted = { why: 'burn' as const, since: '2026-11-21T11:00:00.000Z', message: 'budget web/daily: it burns' }
    const halt = { ...halted, budget: 'web/daily', ids: [] }
    const apps = [
      { state: { app: 'blog', halts: [halt] } },
      { state: { app: 'shop', halts: [{ ...halt, lifted: true }] } },
      { state: { app: 'web' } },
    ] as unknown as FleetStatus['apps']
    const shown = renderBudgets({ budgets: [{ ...state, halted }], apps }, now, plainPaint)
    expect(shown.filter((line) => line.includes('resume '))).toEqual(['    => swarmkeeper resume blog'])
  })

  it('that nobody knows the spend of is no nought', () => {
    const unknown = { why: 'prometheus main does not answer', since: '2026-11-21T11:30:00.000Z' }
    const [head, ...below] = lines({ unknown, holdsNew: true })
    expect(head).toMatch(/^\? .* at least \$42\.00 of/)
    expect(below).toEqual([
      expect.stringContaining('last known 30 min ago: prometheus main does not answer'),
      '    no new runs are started until it is known',
    ])
  })
})

it('what rests for a budget says why, and since when', () => {
  const message = 'budget web/daily: $103.20 of $100.00 (103 %) spent this day; at rest until 2026-11-22 00:00 UTC'
  const departure = {
    why: 'budget',
    ids: [],
    message,
    budget: 'web/daily',
    at: '2026-11-21T11:00:00.000Z',
    todo: '',
  } as const
  expect(departureWords(departure)).toBe(`at rest for ${message}; since 2026-11-21T11:00:00Z`)
})
