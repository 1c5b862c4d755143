import { describe, expect, it } from 'vitest'
import { expandAgents } from './agent-world.ts'
import { problemsOf } from './expand-world.ts'

const BUDGET = `kind: Budget
name: team
window: day
limit: { cost: 100 }
spend: [{ covers: llm, prometheus: { target: main, counter: cost_usd } }]
`
const AGENT = 'kind: Agent\nname: digest\nrun: { service: { image: "app:1" } }\nbudget: team\n'
const TARGETS = `kind: Prometheus
name: main
url: http://127.0.0.1:9090
---
kind: AgentSupervisor
name: hal
url: http://127.0.0.1:8421
`
/** What a fleet with this budget and this agent is told, each in an app. */
function told(budget: string, agent = AGENT, agentIn = 'agents'): readonly string[] {
  const documents = { [`apps/${agentIn}/agent.yaml`]: agent, 'apps/agents/budget.yaml': budget }
  return problemsOf(expandAgents({ 'targets/more.yaml': TARGETS, ...documents }))
}

it('an agent and its budget are fine', () => {
  expect(told(BUDGET)).toEqual([])
})

describe('what a budget says of its sources', () => {
  it.each([
    ['mian', "no Prometheus is called 'mian'; did you mean 'main'?"],
    ['hal', "the target 'hal' is no Prometheus: its kind is AgentSupervisor"],
  ])('a target %s is told with where it is written, and what there is', (target, message) => {
    expect(told(BUDGET.replace('target: main', `target: ${target}`))).toEqual([
      `apps/agents/budget.yaml:5:46 /spend/0/prometheus/target: ${message}`,
    ])
  })

  it.each([
    ['limit: { runs: 5 }', '', 'anthropic counts cost, not runs'],
    ['limit: { cost: 5, currency: EUR }', '', 'anthropic counts in USD, not in EUR'],
    [
      'limit: { cost: 5 }',
      'per: agent\n',
      'anthropic does not tell agents apart: give each a budget, or count by a label',
    ],
  ])('what a vendor can never tell is told where it is asked: %s %s', (limit, per, message) => {
    const spend = 'spend: [{ covers: llm, anthropic: { credential: admin } }]\n'
    const budget = `kind: Budget\nname: team\nwindow: day\n${limit}\n${per}${spend}`
    expect(told(budget).map((line) => line.replace(/^.*?\/spend/, '/spend'))).toEqual([
      `/spend/0/anthropic: ${message}`,
    ])
  })

  it('a burn above the limit is told: the limit comes first', () => {
    expect(told(`${BUDGET}burn: { cost: 500, in: 10m }\n`)).toEqual([
      'apps/agents/budget.yaml:6:7 warning: /burn: it is more than the limit, which is reached first: this burn never stops anything',
    ])
  })

  it('a budget that is only warned of limits all the same, agents of other apps as well', () => {
    const desired = expandAgents({
      'targets/more.yaml': TARGETS,
      'apps/other/agent.yaml': AGENT,
      'apps/agents/budget.yaml': `${BUDGET}burn: { cost: 500, in: 10m }\n`,
    })
    expect(desired.budgets.map(({ key }) => key)).toEqual(['agents/team'])
    expect(desired.agents.map(({ budget }) => budget)).toEqual(['agents/team'])
  })
})

describe('a budget with mistakes', () => {
  it.each([
    ['by its schema', BUDGET.replace('window: day', 'window: daily'), /budget\.yaml:3:9 \/window: /],
    ['by its meaning', BUDGET.replace('cost: 100', 'cost: 100, runs: 5'), /budget\.yaml:4:8 \/limit: /],
  ])('%s is told where it stands, and the agent of its app nothing more', (_how, budget, message) => {
    expect(told(budget)).toEqual([expect.stringMatching(message)])
  })

  it('is declared with errors, for the agent of another app', () => {
    expect(told(BUDGET.replace('window: day', 'window: daily'), AGENT, 'other')).toContain(
      "apps/other/agent.yaml:4:9 /budget: 'Budget/team' is declared with errors, see apps/agents/budget.yaml:1:1",
    )
  })

  it('that nobody declares is told with the nearest name', () => {
    expect(told(BUDGET, AGENT.replace('budget: team', 'budget: taem'))).toEqual([
      "apps/agents/agent.yaml:4:9 /budget: no document declares 'Budget/taem'; did you mean 'team'?",
    ])
  })
})

it('an agent that runs as two things is told which there are', () => {
  const agent = AGENT.replace('run: {', 'run: { unit: { hosts: [app-1], file: a.service },')
  expect(told(BUDGET, agent)).toEqual([
    'apps/agents/agent.yaml:3:6 /run: takes one of service, unit, program, not unit and service',
  ])
})
