import { beforeEach, describe, expect, it } from 'vitest'
import type { BudgetEvaluation, Budgets, WantedHalt } from '../../src/budget/evaluation.ts'
import { type Budgeting, createBudgeting } from '../../src/daemon/budgets.ts'
import type { View } from '../../src/engine/view.ts'
import type { Agent } from '../../src/model/agent.ts'
import type { Budget, BudgetState, KeptBudgetState } from '../../src/model/budget.ts'
import type { Clock } from '../../src/model/clock.ts'
import type { Log } from '../../src/model/log.ts'
import { resumeApp } from '../../src/reconcile/operator.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { createFleet, desiredOf, shortId, type TestFleet, thing } from '../support/fleet.ts'

const AGENT = shortId('Thing/agent')
const origin = { path: 'apps/web/all.yaml', line: 1, column: 1 }
const agent: Agent = {
  key: 'web/agent',
  app: 'web',
  name: 'agent',
  tools: [],
  policies: [],
  ids: [AGENT],
  origin,
  budget: 'web/daily',
}
const budget: Budget = {
  ...{ key: 'web/daily', app: 'web', name: 'daily', window: 'day', timezone: 'UTC', unit: 'cost', currency: 'USD' },
  ...{ limit: 100_000_000, per: 'global', sources: [], warnAt: [50, 80], onExceeded: 'suspend', onUnknown: 'hold-new' },
  ...{ resume: 'next-window', origin },
}
const exceeded: WantedHalt = {
  agent: 'web/agent',
  halt: {
    budget: 'web/daily',
    why: 'exceeded',
    since: '2026-01-01T10:00:00.000Z',
    message: 'spent 103.20 of 100.00 USD',
  },
}
const state: BudgetState = {
  ...{
    budget: 'web/daily',
    unit: 'cost',
    currency: 'USD',
    limit: 100_000_000,
    spent: 103_200_000,
    covers: [],
    warned: [],
  },
  window: { start: '2026-01-01T00:00:00.000Z', end: '2026-01-02T00:00:00.000Z' },
  bound: { seconds: 60, why: 'a reading each 30 s' },
}

const log: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: ({ error }) => {
    throw error
  },
  child: () => log,
}

interface World {
  readonly fleet: TestFleet
  readonly budgeting: Budgeting
  readonly applied: { readonly app: string; readonly stop: boolean }[]
  readonly resumed: string[]
  /** What the next evaluation says. */
  says: Partial<BudgetEvaluation>
  readonly asked: { readonly budgets: readonly string[]; readonly halts: number }[]
  looked(broken?: boolean): void
  evaluated(): Promise<void>
  meanwhile: () => void
}

function newFleet(): TestFleet {
  const fleet = createFleet()
  fleet.commit({ web: [thing('agent'), thing('api')] })
  return fleet
}

function worldOf(fleet = newFleet(), clock: Clock = fleet.clock): World {
  const applied: World['applied'][number][] = []
  const resumed: string[] = []
  const asked: World['asked'][number][] = []
  const budgets: Budgets = {
    evaluate: async (options) => {
      await Promise.resolve()
      asked.push({ budgets: options.budgets.map(({ key }) => key), halts: options.halts?.length ?? 0 })
      world.meanwhile()
      const empty = { states: [], warnings: [], halts: [], holdsNew: [], messages: [], nextInMs: 30_000 }
      return { at: clock.now().toISOString(), ...empty, ...world.says }
    },
    report: () => {
      throw new Error('nobody reports here')
    },
    states: () => [],
    resume: (agents) => resumed.push(...agents.map(({ key }) => key)),
  }
  const budgeting = createBudgeting({
    ...{ budgets, store: fleet.store, clock, emit: (event) => fleet.events.push(event) },
    log,
    announcer: { onBudgets: () => {} },
    apply: (app, { stop }) => applied.push({ app, stop }),
    changed: () => {},
  })
  const looked = (broken = false): void => {
    const desired = desiredOf({ web: { resources: [thing('api')], broken } })
    const declared = broken ? {} : { agents: [agent], budgets: [budget] }
    budgeting.looked({ look: { desired: { ...desired, ...declared } } } as unknown as View)
  }
  const evaluated = async (): Promise<void> => {
    const ends = new AbortController()
    const before = asked.length
    const run = budgeting.run(ends.signal)
    for (let turn = 0; asked.length === before && turn < 50; turn += 1) await Promise.resolve()
    ends.abort()
    await run
  }
  const world: World = { fleet, budgeting, applied, resumed, asked, says: {}, looked, evaluated, meanwhile: () => {} }
  return world
}

let world: World
beforeEach(() => {
  world = worldOf()
  world.looked()
})

const halts = () => world.fleet.store.app('web').halts

describe('what a budget wants at rest', () => {
  it('is put into the state of its app, and applied at once', async () => {
    world.says = { halts: [exceeded] }
    await world.evaluated()
    expect(halts()).toEqual([{ ...exceeded.halt, ids: [AGENT] }])
    expect(world.applied).toEqual([{ app: 'web', stop: true }])
    expect(world.fleet.events).toMatchObject([{ type: 'budget:halted', app: 'web', budget: 'web/daily', ids: [AGENT] }])
  })

  it('stays after the database was lost, while a document of its app cannot be read', async () => {
    const fleet = newFleet()
    fleet.store.putApp({ ...fleet.store.app('web'), halts: [{ ...exceeded.halt, why: 'burn', ids: [AGENT] }] })
    world = worldOf(fleet)
    world.looked(true)
    await world.evaluated()
    expect(halts()).toMatchObject([{ why: 'burn', ids: [AGENT] }])
    expect(halts()?.[0]).not.toHaveProperty('lifted')
    world.says = { halts: [{ ...exceeded, halt: { ...exceeded.halt, why: 'burn' } }] }
    world.looked()
    await world.evaluated()
    expect(halts()).toMatchObject([{ why: 'burn', ids: [AGENT] }])
  })

  it('stays as it was told while nothing changes but the figure', async () => {
    world.says = { halts: [exceeded] }
    await world.evaluated()
    world.says = { halts: [{ ...exceeded, halt: { ...exceeded.halt, message: 'spent 104.00 of 100.00 USD' } }] }
    await world.evaluated()
    expect(halts()).toMatchObject([{ message: 'spent 103.20 of 100.00 USD' }])
    expect(world.applied).toHaveLength(1)
  })

  it('is lifted when it is wanted no more', async () => {
    world.says = { halts: [exceeded] }
    await world.evaluated()
    world.says = {}
    await world.evaluated()
    expect(halts()).toMatchObject([{ budget: 'web/daily', lifted: true }])
    expect(world.applied.at(-1)).toEqual({ app: 'web', stop: false })
  })

  it('is counted on by a daemon that starts anew, before it has looked', async () => {
    const { fleet } = world
    const again = worldOf(fleet)
    again.says = { halts: [exceeded] }
    await again.evaluated()
    expect(again.asked).toEqual([{ budgets: ['web/daily'], halts: 0 }])
    expect(halts()).toHaveLength(1)
  })

  it('is not lifted by a daemon that knows no budget yet', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('agent')] })
    fleet.store.putApp({ ...fleet.store.app('web'), halts: [{ ...exceeded.halt, ids: [AGENT] }] })
    const again = worldOf(fleet)
    const ends = new AbortController()
    const run = again.budgeting.run(ends.signal)
    await Promise.resolve()
    ends.abort()
    await run
    expect(fleet.store.app('web').halts).not.toMatchObject([{ lifted: true }])
  })
})

describe('a revision', () => {
  it('in which the app cannot be read ends no budget', async () => {
    world.looked(true)
    world.says = { halts: [exceeded] }
    await world.evaluated()
    expect(world.asked.at(-1)).toMatchObject({ budgets: ['web/daily'] })
    expect(halts()).toHaveLength(1)
  })
})

describe('many reports', () => {
  it('make one evaluation, not one each', async () => {
    const clock = createFakeClock()
    const { budgeting, asked, looked } = worldOf(newFleet(), clock)
    looked()
    const ends = new AbortController()
    const run = budgeting.run(ends.signal)
    for (let ms = 0; ms < 2_000; ms += 1) {
      budgeting.nudge()
      await clock.advance(1)
    }
    expect(asked).toHaveLength(9)
    ends.abort()
    await run
  })
})

describe('resume', () => {
  const resume = () => resumeApp(world.fleet.collaborators(), 'web', { by: 'ada', reason: 'due today' })

  it('is told to whoever counts, once', async () => {
    world.says = { halts: [exceeded] }
    await world.evaluated()
    resume()
    world.says = {}
    await world.evaluated()
    await world.evaluated()
    expect(world.resumed).toEqual(['web/agent'])
    expect(world.fleet.store.app('web').waivers).toBeUndefined()
  })

  it('that comes while budgets are evaluated is not undone by that', async () => {
    world.says = { halts: [exceeded] }
    await world.evaluated()
    world.meanwhile = resume
    await world.evaluated()
    expect(halts()).toMatchObject([{ lifted: true }])
  })
})

const kept = () => world.fleet.store.shelf<KeptBudgetState>('budget-state').get('web/daily')

describe('thresholds', () => {
  const crossed = (warned: readonly number[], told: readonly number[]) => {
    const warnings = told.map((percent) => ({
      ...{ budget: 'web/daily', app: 'web', percent, spent: 0, limit: 1, unit: 'cost' as const, currency: 'USD' },
      ...{ windowEnd: '', message: `${percent} % is used` },
    }))
    world.says = { states: [{ ...state, warned }], warnings }
    return world.evaluated()
  }

  it('are told as they are crossed, and of several at once the highest', async () => {
    await crossed([50, 80], [80])
    await crossed([50, 80], [])
    expect(kept()?.told).toEqual([80])
    expect(world.fleet.events).toMatchObject([{ type: 'budget:warning', percent: 80, message: '80 % is used' }])
  })

  it('are told anew in the next window, and where the limit was raised above them', async () => {
    await crossed([50, 80], [80])
    await crossed([50], [])
    expect(kept()?.told).toEqual([])
  })
})

it('states are kept for whoever only reads, until their budget is gone', async () => {
  world.says = { states: [state] }
  await world.evaluated()
  expect(kept()).toMatchObject({ state: { spent: 103_200_000 } })
  world.says = {}
  await world.evaluated()
  expect(world.fleet.store.shelf('budget-state').count()).toBe(0)
})
