import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FleetStatus } from '../../src/model/outcome.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderStatus } from '../../src/report/render-status.ts'
import { faultsOf } from '../api/validate-answer.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { type Prometheus, prometheusPossible, startPrometheus } from '../lab/prometheus.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createDocuments } from '../support/documents.ts'
import { hostDocuments } from '../support/host-fleet.ts'
import { createJumpClock } from '../support/jump-clock.ts'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'
import type { WrittenDocument } from '../support/live-fleet.ts'
import { type PrometheusRelay, startPrometheusRelay } from '../support/prometheus-relay.ts'

const soon = { timeout: 40_000, interval: 100 }
const TOKEN = 'an-operator-of-moment-five-0123456789'
const keeper = { stableFor: '1s', bake: '0s', timeout: '60s' }
const LIMIT = 20
const possible = [labPossible(), hostsPossible(), prometheusPossible()].every((one) => one)

/** What the agents pay to: each call costs, and is counted as their users' Prometheus counts it. */
interface Till {
  readonly server: Server
  /** In cents. */
  price: number
  spent: number
  /** When the calls of an agent came last, and when what the loop spent passed the burn (ms). */
  readonly last: Map<string, number>
  burnedAt: number | undefined
}

const BURN = 10

async function openTill(): Promise<Till> {
  const server = createServer((request, response) => {
    const [, agent] = /^\/spend\/(\w+)$/.exec(request.url ?? '') ?? []
    if (agent !== undefined) pay(agent)
    const counter = `# TYPE agent_cost_usd_total counter\nagent_cost_usd_total ${till.spent / 100}\n`
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(counter)
  })
  const pay = (agent: string): void => {
    till.spent += till.price
    till.last.set(agent, Date.now())
    if (till.burnedAt === undefined && till.spent > BURN * 100) till.burnedAt = Date.now()
  }
  const till: Till = { server, price: 0, spent: 0, last: new Map(), burnedAt: undefined }
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  return till
}

/** A zone in which it is about noon: midnight comes when the test says so. */
function zoneAtNoon(): string {
  const hours = 12 - new Date().getUTCHours()
  return hours === 0 ? 'Etc/GMT' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}

// surface.md, moment 5.
describe.skipIf(!possible)('a looping agent, on a Swarm, as a unit and as a program', () => {
  const clock = createJumpClock()
  let till: Till
  let lab: Lab
  let hosts: Hosts
  let prometheus: Prometheus
  let relay: PrometheusRelay
  let daemon: LiveDaemon

  beforeAll(async () => {
    till = await openTill()
    const { port } = till.server.address() as AddressInfo
    ;[lab, hosts, prometheus] = await Promise.all([
      requireLab(),
      startHosts(),
      startPrometheus({ scrape: [`127.0.0.1:${port}`] }),
    ])
    relay = await startPrometheusRelay(prometheus.url, clock)
    await waitUntil('supervisord', async () => /^\d+\n/.test(await sh('supervisorctl pid || :')))
    const swarm = { kind: 'Swarm', name: 'prod', endpoints: [lab.dockerHost] }
    const main = { kind: 'Prometheus', name: 'main', url: relay.url }
    daemon = await createLiveDaemon(lab, 'moment-5', {
      clock,
      targets: { 'targets/all.yaml': [swarm, main, ...hostDocuments(hosts)] },
      allowed: ['127.0.0.1'],
      settings: [
        `credentials: { fleet-key: { type: ssh, addresses: ["${hosts.first.address}"], key: { file: ${hosts.keyFile} } } }`,
        `tokens: { ops: { sha256: ${createHash('sha256').update(TOKEN).digest('hex')}, scopes: [admin, read] } }`,
      ].join('\n'),
    })
    await daemon.fleet.commit({ 'apps/team/team.yaml': team(port), 'apps/team/looper.service': unit(port) })
    await daemon.start()
  })
  afterAll(async () => {
    await daemon?.dispose()
    await relay?.dispose()
    await Promise.all([prometheus?.dispose(), hosts?.dispose(), lab?.dispose()])
    till?.server.closeAllConnections()
    till?.server.close()
  })

  const sh = (script: string) => hosts.first.run(['sh', '-c', script])
  const call = (agent: string, port: number) =>
    `exec 3<>/dev/tcp/${hosts.hostAddress}/${port}; printf 'GET /spend/${agent} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`
  const loop = (agent: string, port: number) => `while :; do (${call(agent, port)}) >/dev/null 2>&1; sleep 0.2; done`
  // In a unit file a percent sign and a backslash are its own.
  const unit = (port: number) => `[Service]\nExecStart=/bin/bash -c "${loop('unit', port).replaceAll('\\', '\\\\')}"\n`
  const budget: WrittenDocument = {
    ...{ kind: 'Budget', name: 'daily', window: 'day', timezone: zoneAtNoon() },
    limit: { cost: LIMIT },
    burn: { cost: BURN, in: '10m' },
    spend: [{ covers: 'llm', prometheus: { target: 'main', counter: 'agent_cost_usd_total', every: '2s' } }],
  }
  const team = (port: number): readonly WrittenDocument[] => {
    const { kind: _kind, name: _name, keeper: _keeper, ...service } = createDocuments(lab).service('swarm', 'app:1')
    const command = `sh -c "while :; do wget -q -O /dev/null http://${lab.hostAddress}:${port}/spend/swarm; sleep 0.2; done"`
    const program = `/bin/bash -c "${loop('program', port)}"`
    const agent = { kind: 'Agent', budget: 'daily', keeper }
    return [
      budget,
      { ...agent, name: 'swarm', run: { service: { ...service, entrypoint: [], command } } },
      { ...agent, name: 'looper', run: { unit: { hosts: ['host-1'], file: 'looper.service' } } },
      {
        ...agent,
        name: 'program',
        run: { program: { hosts: ['host-1'], command: program, stopasgroup: true, killasgroup: true } },
      },
    ]
  }

  const tasks = async () =>
    (await lab.engine.call('GET', '/tasks')).filter(
      (task: { Status: { State: string } }) => task.Status.State === 'running',
    ).length
  const systems = async () => ({
    swarm: await tasks(),
    unit: (await sh('systemctl is-active looper.service || :')).trim(),
    program: /program\S*\s+(\w+)/.exec(await sh('supervisorctl status || :'))?.[1],
  })
  const RUN = { swarm: 1, unit: 'active', program: 'RUNNING' }
  const REST = { swarm: 0, unit: 'inactive', program: 'STOPPED' }

  const ask = async (path: string, init: { readonly method?: string; readonly body?: string } = {}) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const answer = await fetch(`${daemon.url()}/api/v1/${path}`, { headers, ...init })
    const body = await answer.text()
    const type = answer.headers.get('content-type') ?? ''
    const exchange = { method: init.method ?? 'GET', path: `/api/v1/${path}`, status: answer.status, type, body }
    expect(faultsOf(exchange)).toEqual([])
    return JSON.parse(body) as FleetStatus
  }
  const state = async () => (await ask('status')).budgets?.[0]
  const lines = async () => renderStatus(await ask('status'), clock.now(), plainPaint).join('\n')
  const chat = () => [...daemon.discord.messages.values()].map((one) => JSON.stringify(one)).join('\n')
  const nextLook = async (): Promise<void> => {
    const { at } = await ask('status')
    await expect.poll(async () => Date.parse((await ask('status')).at) > Date.parse(at), soon).toBe(true)
  }
  const dollars = (micros = 0) => micros / 1_000_000

  it('spends a little, as it should', async () => {
    await expect.poll(systems, soon).toEqual(RUN)
    await expect.poll(() => [...till.last.keys()].sort(), soon).toEqual(['program', 'swarm', 'unit'])
    till.price = 1
    await expect.poll(async () => dollars((await state())?.spent), soon).toBeGreaterThan(0.05)
    expect(await state()).toMatchObject({ limit: LIMIT * 1_000_000 })
    expect((await state())?.halted).toBeUndefined()
    expect(await lines()).toMatch(/^✓ budget team\/daily: /m)
  })

  it('is stopped where it really runs, within the bound that status states', async () => {
    till.price = 500
    await expect.poll(systems, soon).toEqual(REST)
    const stopped = Math.max(...till.last.values())
    const { bound, halted } = (await state()) ?? {}
    expect(halted?.why).toBe('burn')
    expect(till.burnedAt).toBeDefined()
    expect((stopped - (till.burnedAt ?? 0)) / 1_000).toBeLessThanOrEqual(bound?.seconds ?? 0)
    const before = till.spent
    await nextLook()
    expect(till.spent).toBe(before)
    expect(await systems()).toEqual(REST)
  })

  it('shows by how much the limit was truly overshot, once all of it was counted', async () => {
    const spent = till.spent / 100
    expect(spent).toBeGreaterThan(LIMIT)
    await expect.poll(async () => dollars((await state())?.spent), soon).toBe(spent)
    const over = `$${(spent - LIMIT).toFixed(2)} over`
    // One figure, wherever it stands.
    await expect.poll(async () => [...new Set((await lines()).match(/\$[\d.]+ over/g))], soon).toEqual([over])
    expect(await lines()).toContain('=> swarmkeeper resume team')
    // Told as they stopped; what was counted after that is told when it is final.
    await expect.poll(chat, soon).toMatch(/its agents have stopped; \$[\d.]+ over the limit so far/)
    expect(chat()).toContain('swarmkeeper resume team')
  })

  it('stays stopped after midnight, and over a restart', async () => {
    const end = Date.parse((await state())?.window.end ?? '')
    clock.jump(end - clock.now().getTime() + 10 * 60_000)
    await expect.poll(async () => (await state())?.window.start, soon).toBe(new Date(end).toISOString())
    expect(await state()).toMatchObject({ spent: 0, halted: { why: 'burn' } })
    await nextLook()
    expect(await systems()).toEqual(REST)
    await daemon.stop()
    await daemon.start()
    await nextLook()
    await expect.poll(async () => (await state())?.halted?.why, soon).toBe('burn')
    expect(await systems()).toEqual(REST)
    // What the window before was overshot by is final now, and still told.
    await expect.poll(chat, soon).toContain(`true overshoot: $${(till.spent / 100 - LIMIT).toFixed(2)} over`)
    // They rest as they are to.
    expect(chat()).not.toContain('unhealthy')
  })

  it('runs again when a person resumes it', async () => {
    till.price = 1
    await ask('apps/team/resume', { method: 'POST', body: JSON.stringify({ reason: 'the loop is mended' }) })
    await expect.poll(systems, soon).toEqual(RUN)
    await expect.poll(async () => (await state())?.halted, soon).toBeUndefined()
    await expect.poll(chat, soon).toMatch(/resolved .*it burns too fast/)
    expect(daemon.discord.violations).toEqual([])
  })
})
