import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FleetStatus } from '../../src/model/outcome.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderStatus } from '../../src/report/render-status.ts'
import { faultsOf } from '../api/validate-answer.ts'
import { createRepository } from '../lab/git-repository.mjs'
import { type HalStub, halCost, startHalStub } from '../support/hal-stub.ts'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'
import { ask } from '../support/live-fleet.ts'

const READER = 'a-reader-of-the-status-0123456789abcdef'
const soon = { timeout: 30_000, interval: 50 }
const well = { status: 'online', logins: { opencode: 'authenticated' }, sync: 'in_sync' } as const
const document = (url: string, rest = {}) => ({
  ...{ kind: 'AgentSupervisor', name: 'hal', url, credential: 'hal', interval: '2s', nodes: ['node-1', 'node-2'] },
  ...rest,
})

let directory: string
let hal: HalStub
let daemon: LiveDaemon

// In order: one day with an agent supervisor.
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-supervisors-'))
  hal = await startHalStub()
  hal.nodes.set('node-1', well)
  hal.nodes.set('node-2', well)
  const create = (name: string) => {
    const dir = join(directory, `${name}.git`)
    return createRepository({ name, dir, url: `file://${dir}` })
  }
  daemon = await createLiveDaemon({ address: '127.0.0.1', git: { create } }, 'hal', {
    targets: { 'targets/hal.yaml': document(hal.url) },
    settings: `credentials: { hal: { type: token, addresses: ["127.0.0.1"], token: { value: "${hal.token}" } } }
tokens: { reader: { sha256: "${createHash('sha256').update(READER).digest('hex')}", scopes: [read] } }`,
  })
  await daemon.start()
})
afterAll(async () => {
  await daemon?.dispose()
  await hal?.dispose()
  rmSync(directory, { recursive: true, force: true })
})

const told = (): FleetStatus['supervisors'] => status?.supervisors
let status: FleetStatus | undefined
/** As a command on this machine shows it, from the database. */
const local = async (): Promise<readonly string[]> => {
  status = await daemon.fleet.engine.status(ask())
  return renderStatus(status, new Date(), plainPaint).map((line) => line.replace(/(\d+ \w+ ago|\bnow\b)/g, 'AGO'))
}
const chat = () =>
  [...daemon.discord.messages.values()].map((one) =>
    JSON.stringify(one).replaceAll('\u200b', '').replaceAll('\\\\', ''),
  )
const metric = async (pattern: RegExp) =>
  (await (await fetch(`${daemon.url()}/metrics`)).text()).split('\n').filter((line) => pattern.test(line))

it('its nodes stand in the status, with what it does not tell, and nothing is said in chat', async () => {
  await expect.poll(local, soon).toContain('✓ supervisor hal: nodes: 2 online, seen AGO')
  expect(await local()).toContain(
    '    not told: readiness: 503: database unavailable, command_dispatcher unavailable, cost_aggregator unavailable; ' +
      'sessions: an empty answer; cost: 503 SERVICE_UNAVAILABLE',
  )
  expect(told()?.[0]).toMatchObject({ target: 'hal', nodes: [{ id: 'node-1' }, { id: 'node-2' }] })
  expect(status?.targets).toEqual([])
  expect(chat()).toEqual([])
})

it('its nodes stand in the API, as the description says', async () => {
  const headers = { authorization: `Bearer ${READER}` }
  const answer = await fetch(`${daemon.url()}/api/v1/status`, { headers })
  const body = await answer.text()
  const type = answer.headers.get('content-type') ?? ''
  expect(faultsOf({ method: 'GET', path: '/api/v1/status', status: answer.status, type, body })).toEqual([])
  expect(JSON.parse(body).supervisors).toMatchObject([{ target: 'hal', nodes: [{ id: 'node-1' }, { id: 'node-2' }] }])
})

it('is measured', async () => {
  await expect
    .poll(() => metric(/^swarmkeeper_supervisor_(up|nodes|credential_drift){/), soon)
    .toEqual([
      'swarmkeeper_supervisor_up{supervisor="hal"} 1',
      'swarmkeeper_supervisor_nodes{supervisor="hal",status="online"} 2',
      'swarmkeeper_supervisor_nodes{supervisor="hal",status="degraded"} 0',
      'swarmkeeper_supervisor_nodes{supervisor="hal",status="offline"} 0',
      'swarmkeeper_supervisor_nodes{supervisor="hal",status="unknown"} 0',
      'swarmkeeper_supervisor_credential_drift{supervisor="hal"} 0',
    ])
})

it('a node that goes, a login that is lost and credentials that drift are told once each', async () => {
  hal.nodes.set('node-1', { ...well, status: 'offline' })
  hal.nodes.set('node-2', { ...well, logins: { claude_code: 'manual_required' }, sync: 'drift_detected' })
  await expect.poll(() => chat().length, soon).toBe(3)
  expect(chat().join()).toContain('hal: the node node-1 is offline')
  expect(chat().join()).toContain('hal: claude_code on node-2 is not logged in')
  expect(chat().join()).toContain('hal: the credentials on node-2 are not those that it gave')
  const lines = await local()
  expect(lines).toContain('! supervisor hal: nodes: 1 online, 1 offline, seen AGO')
  expect(lines).toContain('    node-2  claude_code manual_required; its credentials are not those that it was given')
  expect(lines.find((line) => line.startsWith('    node-1'))).toMatch(/^ {4}node-1 {2}offline, heard of /)
})

it('after its restart the nodes are unknown until agents reconnect: nothing is told as mended', async () => {
  hal.nodes.clear()
  await expect.poll(local, soon).toContain('! supervisor hal: nodes: 2 unknown, seen AGO')
  expect(await local()).toContain('    node-1  unknown, offline AGO')
  expect(chat().join()).not.toContain('resolved')
})

it('a supervisor that is away is told, and what it told before stays open', async () => {
  hal.always = 'cut'
  await expect.poll(() => chat().join(), soon).toContain('the agent supervisor hal cannot be reached')
  expect((await local()).find((line) => line.startsWith('✗ supervisor hal: not reached: GET '))).toBeDefined()
  expect(await metric(/^swarmkeeper_supervisor_up/)).toEqual(['swarmkeeper_supervisor_up{supervisor="hal"} 0'])
  const findings = await daemon.fleet.engine.doctor(ask())
  expect(findings).toContainEqual(expect.objectContaining({ subject: 'supervisor hal', level: 'error' }))
})

it('all of it ends when it is well again, also after a restart of the daemon', async () => {
  await daemon.stop()
  hal.always = undefined
  hal.nodes.set('node-1', well)
  hal.nodes.set('node-2', well)
  await daemon.start()
  await expect.poll(local, soon).toContain('✓ supervisor hal: nodes: 2 online, seen AGO')
  await expect.poll(() => chat().filter((one) => /resolved/i.test(one)).length, soon).toBe(daemon.discord.messages.size)
  const findings = await daemon.fleet.engine.doctor(ask())
  expect(findings).toContainEqual(expect.objectContaining({ subject: 'supervisor hal', level: 'ok' }))
  expect(hal.violations).toEqual([])
  expect(JSON.stringify(daemon.lines)).not.toContain(hal.token)
})

it('a budget counts what it says was paid today', async () => {
  hal.documented = { cost: halCost(7.5) }
  const budget = `kind: Budget
name: daily
window: day
limit: { cost: 10 }
spend: [{ covers: llm, supervisor: { target: hal } }]
`
  await daemon.fleet.commit({ 'apps/team/budget.yaml': budget })
  // Just after midnight (UTC) nobody asks which day it tells of.
  const patient = { ...soon, timeout: 55_000 + 30_000 }
  await expect.poll(async () => (await local()).join('\n'), patient).toContain('75 % $7.50 of $10.00')
  expect(status?.budgets?.[0]).toMatchObject({ budget: 'team/daily', spent: 7_500_000, warned: [50] })
}, 120_000)

it('nothing lives on it: a document that names it as its target is a mistake, with its place', async () => {
  const service = 'kind: Service\nname: web\ntarget: hal\nimage: app:1\n'
  await daemon.fleet.commit({ 'apps/web/web.yaml': service })
  const { problems } = await daemon.fleet.engine.plan(ask())
  expect(problems).toMatchObject([
    {
      app: 'web',
      position: { path: 'apps/web/web.yaml', line: 3, column: 9 },
      message: "'hal' is an AgentSupervisor: it is asked what it knows, and nothing lives on it",
    },
  ])
})

it('is forgotten with its document', async () => {
  await daemon.fleet.commit({ 'targets/hal.yaml': null, 'apps/web/web.yaml': null })
  await expect.poll(() => metric(/^swarmkeeper_supervisor_up/), soon).toEqual([])
  await local()
  expect(told()).toBeUndefined()
})
