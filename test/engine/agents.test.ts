import { describe, expect, it } from 'vitest'
import { idOfAgent } from '../../src/engine/agent-states.ts'
import type { AgentRun } from '../../src/model/agent.ts'
import type { ResourceId } from '../../src/model/id.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderStatus } from '../../src/report/render-status.ts'
import { agents } from '../desired/expand/agent-world.ts'
import { problemsOf } from '../desired/expand/expand-world.ts'
import { type AgentFleet, createAgentFleet } from '../support/agent-fleet.ts'

const UNIT = '[Service]\nExecStart=/usr/local/bin/scout\n[Install]\nWantedBy=multi-user.target\n'
const FILES = { 'scout.service': UNIT, 'digest.md': 'Be brief.\n' }
const KEEPER = 'keeper: { bake: 0s, stableFor: 1s }\n'

const digest = (more: string): string => `kind: Agent
name: digest
run: { service: { image: "registry.example:5000/digest@sha256:${'0'.repeat(64)}" } }
instructions: digest.md
budget: daily
${KEEPER}${more}`
const scout = (more: string): string => `kind: Agent
name: scout
run: { unit: { hosts: { role: agent }, file: scout.service } }
instructions: digest.md
${KEEPER}${more}`
const BUDGET = 'kind: Budget\nname: daily\nwindow: day\nlimit: { cost: 10 }\nspend: [{ covers: llm, reported: true }]\n'
const NIGHTLY = 'schedule: { cron: "0 7 * * *", timezone: Europe/Amsterdam }\n'

async function fleetOf(...documents: readonly string[]): Promise<AgentFleet> {
  const fleet = createAgentFleet('agents')
  const desired = agents([...documents, BUDGET].join('---\n'), FILES)
  expect(problemsOf(desired)).toEqual([])
  fleet.commit(desired)
  expect(await fleet.apply()).toMatchObject({ outcome: 'proven' })
  fleet.writes()
  return fleet
}

const healthIn = async (fleet: AgentFleet): Promise<string | undefined> =>
  (await fleet.status()).apps.find(({ state }) => state.app === 'agents')?.health

describe.each([
  ['a service', digest('model: one\n'), digest('model: does-not-start\n')],
  ['a unit on two hosts', scout('model: one\n'), scout('model: does-not-start\n')],
])('an agent that is %s', (_, good, bad) => {
  it('is as declared after one apply: the next one writes nothing', async () => {
    const fleet = await fleetOf(good)
    expect(await fleet.apply()).toMatchObject({ outcome: 'unchanged' })
    expect(fleet.writes()).toEqual([])
    expect(await healthIn(fleet)).toBe('healthy')
  })

  it('goes back to the model that it had, where it does not start with another', async () => {
    const fleet = await fleetOf(good)
    fleet.commit(agents([bad, BUDGET].join('---\n'), FILES))
    expect(await fleet.apply()).toMatchObject({ outcome: 'rolled-back' })
    const live = [...fleet.world('prod').objects.values(), ...fleet.world('app-1').objects.values()]
    expect(JSON.stringify(live)).toMatch(/"AGENT_MODEL":"one"|QUdFTlRfTkFNRT1zY291dApBR0VOVF9NT0RFTD1vbmUK/)
    expect(await healthIn(fleet)).toBe('healthy')
  })

  it('is put right where somebody changed it', async () => {
    const fleet = await fleetOf(good)
    const desired = agents([good, BUDGET].join('---\n'), FILES)
    const [id] = desired.agents[0]?.ids ?? []
    const world = fleet.world(id?.split('/')[0] ?? '')
    const object = id && world.objects.get(id)
    if (!id || !object) throw new Error(`nothing is called ${id}`)
    const byHand = id.includes('Unit') ? { state: 'stopped' } : { replicas: 0 }
    world.objects.set(id, { ...object, spec: { ...(object.spec as object), ...byHand }, version: object.version + 1 })
    expect(await fleet.apply()).toMatchObject({ outcome: 'healed' })
    expect(fleet.writes().join()).toContain(id)
  })
})

describe('an agent with a schedule', () => {
  it('rests between its runs, and is well: nothing of it is drift', async () => {
    const fleet = await fleetOf(digest(NIGHTLY), scout(NIGHTLY))
    expect(await healthIn(fleet)).toBe('healthy')
    expect(await fleet.apply()).toMatchObject({ outcome: 'unchanged' })
    expect(fleet.writes()).toEqual([])
  })

  it('is put to rest again where somebody started the service itself', async () => {
    const fleet = await fleetOf(digest(NIGHTLY))
    const world = fleet.world('prod')
    const id = 'prod/Service/digest' as ResourceId
    const object = world.objects.get(id)
    if (!object) throw new Error('no service')
    world.objects.set(id, { ...object, spec: { ...(object.spec as object), replicas: 3 }, version: 9 })
    expect(await fleet.apply()).toMatchObject({ outcome: 'healed' })
    expect(world.objects.get(id)?.spec).toMatchObject({ replicas: 0 })
  })
})

describe('status', () => {
  const run = (rest: Partial<AgentRun>): AgentRun => ({
    agent: 'agents/digest',
    id: 'prod/Service/digest' as ResourceId,
    tick: '2026-01-01T06:00:00.000Z',
    outcome: 'succeeded',
    message: 'exit code 0',
    lines: [],
    ...rest,
  })
  const put = (fleet: AgentFleet, one: AgentRun) =>
    fleet.store.shelf<AgentRun>('run').put(`${one.id} ${one.tick}`, one, one.tick)
  const lines = async (fleet: AgentFleet): Promise<string> =>
    renderStatus(await fleet.status(), fleet.now(), plainPaint)
      .filter((line) => line.includes('agent agents/'))
      .join('\n')

  it('has a line for each agent: its model, its budget, and whether it runs, or when', async () => {
    const fleet = await fleetOf(digest(`model: claude-sonnet-4-5\n${NIGHTLY}`), scout(''))
    expect(await lines(fleet)).toBe(
      [
        '✓ agent agents/digest  claude-sonnet-4-5  budget agents/daily  at 0 7 * * * Europe/Amsterdam; no run yet',
        '✓ agent agents/scout                                           running on 2 hosts',
      ].join('\n'),
    )
  })

  it('tells how the last run went, of several hosts the one that fared worst, and what only the runs know it does not', async () => {
    const fleet = await fleetOf(digest(NIGHTLY))
    const at = (minutes: number): string => new Date(fleet.now().getTime() - minutes * 60_000).toISOString()
    put(fleet, run({ tick: at(2000), outcome: 'failed' }))
    put(fleet, run({ tick: at(200), endedAt: at(190), cost: { micros: 120_000, currency: 'USD' } }))
    expect(await lines(fleet)).toContain('last run succeeded 3 h ago, $0.12')
    const failed = { ...run({ tick: at(50), endedAt: at(49), outcome: 'failed', message: 'exit code 3' }), by: 'ana' }
    put(fleet, { ...failed, lines: ['no such model'] })
    expect(await lines(fleet)).toContain('✗ agent agents/digest')
    expect(await lines(fleet)).toContain('last run failed 49 min ago: exit code 3')
    const { agents: told } = await fleet.status()
    expect(told?.[0]).toMatchObject({ key: 'agents/digest', budget: 'agents/daily', schedule: { missed: 'skip' } })
    expect(told?.[0]?.lastRun).not.toHaveProperty('by')
    expect(renderStatus(await fleet.status(), fleet.now(), plainPaint)).toContain('    no such model')
  })

  it('shows the run that goes on, and not that the next one was refused for it', async () => {
    const fleet = await fleetOf(digest(NIGHTLY))
    const at = (minutes: number): string => new Date(fleet.now().getTime() - minutes * 60_000).toISOString()
    put(fleet, run({ tick: at(20), startedAt: at(20), outcome: 'running', message: 'started' }))
    put(fleet, run({ tick: at(10), endedAt: at(10), outcome: 'refused', message: 'the run before still goes on' }))
    expect(await lines(fleet)).toMatch(/^… .*running, begun 20 min ago$/)
  })

  it('says of a budget that nobody evaluated that nothing is stopped for it, and not of one that is of nobody yet', async () => {
    const [users, idle] = ['user', 'agent'].map((per) => `${BUDGET.replace('daily', `${per}s`)}per: ${per}\n`)
    const fleet = await fleetOf(digest(''), users ?? '', idle ?? '')
    expect((await fleet.status()).unevaluated).toEqual(['agents/daily'])
  })

  it('says nothing of agents where there are none', async () => {
    const fleet = await fleetOf(`kind: Service\nname: web\nimage: web@sha256:${'0'.repeat(64)}\n${KEEPER}`)
    expect((await fleet.status()).agents).toBeUndefined()
  })
})

describe('what people call an agent', () => {
  const desired = agents([digest(''), scout(''), BUDGET].join('---\n'), FILES)

  it('is the one thing that runs of it', () => {
    expect(idOfAgent('Agent/digest', desired)).toBe('prod/Service/digest')
    expect(idOfAgent('app-2/Agent/scout', desired)).toBe('app-2/Unit/scout.service')
    expect(idOfAgent('Agent/nobody', desired)).toBeUndefined()
    expect(idOfAgent('Service/digest', desired)).toBeUndefined()
  })

  it('is asked for more closely where it runs on several hosts', () => {
    expect(() => idOfAgent('Agent/scout', desired)).toThrow('app-1/Unit/scout.service, app-2/Unit/scout.service')
  })
})
