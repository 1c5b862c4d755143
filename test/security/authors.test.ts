import { describe, expect, it } from 'vitest'
import { createPlanPull } from '../../src/engine/plan-pull.ts'
import type { View } from '../../src/engine/view.ts'
import type { Agent } from '../../src/model/agent.ts'
import type { Budget } from '../../src/model/budget.ts'
import type { Desired } from '../../src/model/desired.ts'
import { digestOf } from '../../src/model/digest.ts'
import { beginTick } from '../../src/reconcile/fleet.ts'
import { createSlots } from '../../src/reconcile/slots.ts'
import { renderPullPlan } from '../../src/report/pull-comment.ts'
import { createFleet, desiredOf, shortId, thing } from '../support/fleet.ts'

const signal = new AbortController().signal
const origin = { path: 'apps/web/all.yaml', line: 1, column: 1 }

const agent: Agent = {
  ...{ key: 'web/agent', app: 'web', name: 'agent', tools: ['search'], policies: ['idle'], budget: 'web/daily' },
  ...{ ids: [shortId('Thing/agent')], origin },
}
const source: Budget['sources'][number] = {
  ...{ key: 'p', covers: 'llm', type: 'prometheus', target: 'prod', counter: 'cost_usd', match: {}, everyMs: 30_000 },
  startsAbsent: false,
}
const budget: Budget = {
  ...{ key: 'web/daily', app: 'web', name: 'daily', window: 'day', timezone: 'UTC', unit: 'cost', currency: 'USD' },
  ...{ limit: 100_000_000, burn: { limit: 5_000_000, inMs: 600_000 }, per: 'global', sources: [source] },
  ...{ warnAt: [50, 80], onExceeded: 'suspend', onUnknown: 'hold-new', resume: 'manual', origin },
}

type Declared = Pick<Desired, 'agents' | 'budgets' | 'policies'>
const BASE: Declared = {
  agents: [agent],
  budgets: [budget],
  policies: [{ name: 'no-latest-tag', digest: digestOf('deny') }],
}

/** The comment on a pull request that makes this of what the base declares. */
async function commentOn(change: Partial<Declared>, fork = false): Promise<string> {
  const fleet = createFleet()
  const written = { web: [thing('agent')] }
  const base = fleet.commit(written)
  await fleet.apply()
  const head = fleet.commit({ web: [thing('agent', { value: 2 })] })
  const declared = new Map([
    [base, BASE],
    [head, { ...BASE, ...change }],
  ])
  const engine = fleet.collaborators()
  const render = async (snapshot: Parameters<typeof engine.render>[0]): Promise<Desired> => ({
    ...desiredOf({ web: [thing('agent', { value: snapshot.revision.commit === base ? 1 : 2 })] }),
    ...declared.get(snapshot.revision.commit),
  })
  const own = { ...engine, render }
  const ask = { by: 'test', signal, readOnly: true, revision: base }
  const { look, planned } = await beginTick(own, ask, createSlots(own))
  const view: View = { install: 'test', store: fleet.store, look, planned }
  const snapshot = await own.source.read({ commit: head, tree: head }, { signal })
  const plan = await createPlanPull(own, render)({ view, snapshot, fork }, { signal })
  return renderPullPlan({ install: 'test', head, tip: base, plan, command: 'swarmkeeper plan' })
}

const TOP =
  /^### [^\n]*\n\n> \[!WARNING\]\n> \*\*This lets agents do or spend more, or edits what guards them:\*\*\n((?:> - [^\n]*\n)*)/

const toldAtTheTop = async (change: Partial<Declared>, fork = false): Promise<readonly string[]> => {
  const [, lines = ''] = TOP.exec(await commentOn(change, fork)) ?? []
  return lines.split('\n').flatMap((line) => (line === '' ? [] : [line.replace(/^> - /, '').replaceAll('&#36;', '$')]))
}

const withBudget = (change: Partial<Budget>): Partial<Declared> => ({ budgets: [{ ...budget, ...change }] })
const withAgent = (change: Partial<Agent>): Partial<Declared> => ({ agents: [{ ...agent, ...change }] })

describe('SEC-27: a pull request may be written by an agent: the top of its comment says', () => {
  const rows: readonly (readonly [string, Partial<Declared>, string])[] = [
    ['a limit that is raised', withBudget({ limit: 500_000_000 }), 'limit: $100.00 to $500.00 a day'],
    ['another unit', withBudget({ unit: 'runs', limit: 50_000_000 }), 'limit: $100.00 to 50 runs a day'],
    ['another window', withBudget({ window: 'week' }), 'window: day to week'],
    ['another time zone', withBudget({ timezone: 'Asia/Tokyo' }), 'time zone: UTC to Asia/Tokyo'],
    ['a limit for each agent', withBudget({ per: 'agent' }), 'limit for each: global to agent'],
    ['a burn that is raised', withBudget({ burn: { limit: 9_000_000, inMs: 600_000 } }), 'fast burn: $5.00 in 10m'],
    ['a burn in less time', withBudget({ burn: { limit: 5_000_000, inMs: 60_000 } }), 'to $5.00 in 1m'],
    ['only a notice when it is exceeded', withBudget({ onExceeded: 'notify' }), 'suspend to notify'],
    ['going on when nobody knows', withBudget({ onUnknown: 'keep' }), 'hold-new to keep'],
    ['resuming by itself', withBudget({ resume: 'next-window' }), 'resumes: manual to next-window'],
    ['a warning less', withBudget({ warnAt: [80] }), 'no warning at 50 % any more'],
    ['a source less', withBudget({ sources: [] }), 'its source prometheus of llm is removed or changed'],
    ['a source that asks less', withBudget({ sources: [{ ...source, match: { a: 'b' } } as never] }), 'its source'],
    ['a budget that is removed', { budgets: [] }, 'is removed'],
    ['a tool more', withAgent({ tools: ['search', 'shell'] }), 'tools added: shell'],
    ['a policy less of an agent', withAgent({ policies: [] }), 'policies taken off: idle'],
    ['another budget of an agent', withAgent({ budget: 'web/big' }), 'budget: web/daily to web/big'],
    ['a new agent', { agents: [agent, { ...agent, key: 'web/new', tools: ['mail'] }] }, 'new, with tools: mail'],
    ['an edited policy', { policies: [{ name: 'no-latest-tag', digest: digestOf('warn') }] }, 'is edited'],
    ['a removed policy', { policies: [] }, 'is removed'],
  ]
  it.each(rows)('%s', async (_what, change, message) => {
    expect(await toldAtTheTop(change)).toEqual([expect.stringContaining(message)])
  })

  it('an agent that is taken off its budget', async () => {
    const { budget: _budget, ...free } = agent
    expect(await toldAtTheTop({ agents: [free] })).toEqual(['Agent **web/agent**: taken off budget web/daily'])
  })

  it('a burn that is no burn any more', async () => {
    const { burn: _burn, ...calm } = budget
    expect(await toldAtTheTop({ budgets: [calm] })).toEqual([
      'Budget **web/daily**: a fast burn stops nothing any more',
    ])
  })

  it('all of it, also of a fork', async () => {
    const change = { ...withBudget({ limit: 500_000_000 }), ...withAgent({ tools: ['search', 'shell'] }), policies: [] }
    expect(await toldAtTheTop(change, true)).toHaveLength(3)
  })
})

describe('SEC-27: nothing is said of', () => {
  const rows: readonly (readonly [string, Partial<Declared>])[] = [
    ['no change', {}],
    ['a limit that is lowered', withBudget({ limit: 50_000_000 })],
    ['a stricter burn', withBudget({ burn: { limit: 1_000_000, inMs: 3_600_000 } })],
    ['a tool less', withAgent({ tools: [] })],
  ]
  it.each(rows)('%s', async (_what, change) => {
    expect(await commentOn(change)).not.toContain('[!WARNING]')
  })
})
