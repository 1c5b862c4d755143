import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FleetStatus } from '../../src/model/outcome.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { createJumpClock } from '../support/jump-clock.ts'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'
import type { WrittenDocument } from '../support/live-fleet.ts'

const soon = { timeout: 40_000, interval: 100 }
const TOKEN = 'an-operator-who-counts-0123456789'
const MINUTE = 60_000

/** A zone in which it is about noon: midnight comes when the test says so. */
function zoneAtNoon(): string {
  const hours = 12 - new Date().getUTCHours()
  return hours === 0 ? 'Etc/GMT' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}

/** In order: each begins where the one before it ended, as people live with it. */
describe.skipIf(!labPossible())('a budget is enforced where its agents run', () => {
  const clock = createJumpClock()
  const timezone = zoneAtNoon()
  let lab: Lab
  let daemon: LiveDaemon

  beforeAll(async () => {
    lab = await requireLab()
    daemon = await createLiveDaemon(lab, 'budget', {
      clock,
      settings: `tokens: { ops: { sha256: ${createHash('sha256').update(TOKEN).digest('hex')}, scopes: [admin, read, spend] } }`,
    })
    await daemon.fleet.commit({ 'apps/team/team.yaml': team({}) })
    await daemon.start()
  })
  afterAll(async () => {
    expect(daemon?.github.violations).toEqual([])
    expect(daemon?.discord.violations).toEqual([])
    await daemon?.dispose()
    await lab?.dispose()
  })

  const budget = (fields: object): WrittenDocument => ({
    ...{ kind: 'Budget', name: 'daily', window: 'day', timezone, limit: { cost: 100 } },
    spend: [{ covers: 'llm', reported: true }],
    project: [{ service: 'Service/api', env: { DAILY_COST_CENTS: 'cents' } }],
    ...fields,
  })
  const team = (fields: object): readonly WrittenDocument[] => {
    const documents = createDocuments(lab)
    const { kind: _kind, name: _name, keeper, ...service } = documents.service('digest', 'app:1')
    const agent = { kind: 'Agent', name: 'digest', run: { service }, budget: 'daily', keeper }
    return [budget(fields), agent, documents.service('api', 'web:1')]
  }

  const call = async (path: string, body?: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) }
    return (await fetch(`${daemon.url()}/api/v1/${path}`, init)).json()
  }
  let reports = 0
  /** Whoever reports tries again until it was taken. */
  const spend = async (amount: number): Promise<void> => {
    reports += 1
    const report = { key: `report-${reports}`, budget: 'daily', amount }
    await expect.poll(() => call('spend', report), soon).toMatchObject({ key: report.key })
  }
  const budgetNow = async () => ((await call('status')) as FleetStatus).budgets?.[0]
  const running = async (name: string): Promise<number> => {
    const tasks = await lab.engine.call(
      'GET',
      `/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [name] }))}`,
    )
    return tasks.filter((task: { Status: { State: string } }) => task.Status.State === 'running').length
  }
  const both = async () => [await running('digest'), await running('api')]
  const chat = () => [...daemon.discord.messages.values()].map((one) => JSON.stringify(one))
  const told = (words: string) => chat().filter((text) => text.includes(words))
  const toMidnight = async () => {
    const { end = '' } = (await budgetNow())?.window ?? {}
    clock.jump(Date.parse(end) - clock.now().getTime() + 10 * MINUTE)
  }

  it('its thresholds are told as they are crossed, and stop nothing', async () => {
    await expect.poll(both, soon).toEqual([1, 1])
    await spend(55)
    await expect.poll(() => told('50 % is used'), soon).toHaveLength(1)
    await spend(30)
    await expect.poll(() => told('80 % is used'), soon).toHaveLength(1)
    expect(chat()).toHaveLength(2)
    expect(await both()).toEqual([1, 1])
    expect(await budgetNow()).toMatchObject({ spent: 85_000_000, limit: 100_000_000, warned: [50, 80] })
  })

  it('the limit is in the environment of what enforces it as well', async () => {
    const { Spec } = await lab.engine.call('GET', '/services/api')
    expect(Spec.TaskTemplate.ContainerSpec.Env).toContain('DAILY_COST_CENTS=10000')
  })

  it('a restart tells nothing twice, and loses nothing', async () => {
    await daemon.stop()
    await daemon.start()
    await spend(20)
    await expect.poll(both, soon).toEqual([0, 1])
    expect(told('50 % is used')).toHaveLength(1)
    expect(told('80 % is used')).toHaveLength(1)
    expect(await budgetNow()).toMatchObject({ spent: 105_000_000, halted: { why: 'exceeded' } })
  })

  it('its agents are stopped, and nothing else: plan, history and chat say why, and what ends it', async () => {
    await expect.poll(() => told('its agents are stopped'), soon).toHaveLength(1)
    expect(told('its agents are stopped')[0]).toContain('swarmkeeper resume team')
    const plan = JSON.stringify(await call('apps/team/plan'))
    expect(plan).toContain('"why":"budget"')
    expect(plan).toContain('swarmkeeper resume team')
    const history = async () => JSON.stringify(await call('apps/team/history'))
    await expect.poll(history, soon).toMatch(/budget team\/daily: .*; at rest: prod\/Service\/digest/)
    const metrics = await (await fetch(`${daemon.url()}/metrics`)).text()
    await expect
      .poll(async () => (await fetch(`${daemon.url()}/metrics`)).text(), soon)
      .toMatch(/swarmkeeper_budget_halted\{budget="team\/daily",of="",unit="USD"\} 1/)
    expect(metrics).toContain('swarmkeeper_budget_limit')
  })

  it('how far it was overshot is told once its agents have stopped and figures are in', async () => {
    clock.jump(30 * MINUTE)
    await spend(1)
    await expect.poll(() => told('true overshoot: $6.00').length, soon).toBe(1)
    expect(told('its agents are stopped')).toHaveLength(1)
  })

  it('what a person starts by hand is stopped again', async () => {
    const { ID, Version, Spec } = await lab.engine.call('GET', '/services/digest')
    const started = { ...Spec, Mode: { Replicated: { Replicas: 1 } } }
    await lab.engine.call('POST', `/services/${ID}/update?version=${Version.Index}`, { body: started })
    await expect
      .poll(async () => (await lab.engine.call('GET', '/services/digest')).Spec.Mode.Replicated.Replicas, soon)
      .toBe(0)
    await expect.poll(both, soon).toEqual([0, 1])
  })

  it('the next window resumes it', async () => {
    await toMidnight()
    await expect.poll(both, soon).toEqual([1, 1])
    await expect.poll(() => told('its agents are stopped').join(), soon).toMatch(/resolved/i)
    expect(await budgetNow()).toMatchObject({ spent: 0, warned: [] })
  })

  it('a pull request that raises it says so at the top, and its merge resumes at once', async () => {
    await spend(101)
    await expect.poll(both, soon).toEqual([0, 1])
    const pull = await daemon.open({
      'apps/team/team.yaml': team({ limit: { cost: 1000 }, burn: { cost: 200, in: '10m' } }),
    })
    await expect
      .poll(() => daemon.comments(pull)[0], soon)
      .toMatch(
        /^[^\n]*\n?### [^\n]*\n\n> \[!WARNING\]\n> [^\n]*\n> - Budget \*\*team\/daily\*\*: limit: [^\n]*100.00 to [^\n]*1,000.00 a day/,
      )
    await daemon.merge(pull)
    await expect.poll(both, soon).toEqual([1, 1])
    expect((await budgetNow())?.halted).toBeUndefined()
  })

  it('what burns too fast stays stopped after midnight, until a person resumes it', async () => {
    await spend(250)
    await expect.poll(both, soon).toEqual([0, 1])
    expect((await budgetNow())?.halted).toMatchObject({ why: 'burn' })
    await toMidnight()
    await expect.poll(async () => (await budgetNow())?.spent, soon).toBe(0)
    await daemon.stop()
    await daemon.start()
    await expect.poll(async () => (await budgetNow())?.halted?.why, soon).toBe('burn')
    expect(await both()).toEqual([0, 1])
    await call('apps/team/resume', { reason: 'the loop is mended' })
    await expect.poll(both, soon).toEqual([1, 1])
    await expect.poll(async () => (await budgetNow())?.halted, soon).toBeUndefined()
  })
})
