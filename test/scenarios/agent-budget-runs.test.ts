import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { docker } from '../support/docker.ts'
import { createJumpClock } from '../support/jump-clock.ts'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'
import { ask } from '../support/live-fleet.ts'

const soon = { timeout: 40_000, interval: 100 }
const TOKEN = 'an-operator-who-counts-0123456789'
const KEEPER = { stableFor: '0s', bake: '0s', timeout: '40s' }

/** In order: each begins where the one before it ended. */
describe.skipIf(!labPossible())('a run of a scheduled agent, its budget and its daemon', () => {
  const clock = createJumpClock()
  let lab: Lab
  let daemon: LiveDaemon

  beforeAll(async () => {
    lab = await requireLab()
    daemon = await createLiveDaemon(lab, 'runs', {
      clock,
      webhooks: false,
      settings: `tokens: { ops: { sha256: ${createHash('sha256').update(TOKEN).digest('hex')}, scopes: [admin, read, spend] } }`,
    })
    const service = {
      image: lab.registry.reference('app:1'),
      networks: ['desk'],
      command: ['sh', '-c', 'trap "exit 0" TERM; echo begun; sleep 600 & wait'],
    }
    await daemon.fleet.commit({
      'apps/team/team.yaml': [
        { kind: 'Network', name: 'desk' },
        {
          kind: 'Budget',
          name: 'daily',
          window: 'month',
          limit: { cost: 10 },
          spend: [{ covers: 'llm', reported: true }],
        },
        {
          kind: 'Agent',
          name: 'digest',
          budget: 'daily',
          schedule: { cron: '0 7,8 * * *' },
          run: { service },
          keeper: KEEPER,
        },
      ],
    })
    await daemon.start()
    await atRest()
  })
  afterAll(async () => {
    await daemon?.dispose()
    await lab?.dispose()
  })

  const status = () => daemon.fleet.engine.status(ask())
  const atRest = () =>
    waitUntil(
      'the agent at rest',
      async () => {
        const { apps } = await status()
        return apps.some(({ state }) => state.app === 'team' && state.lastGood && !state.attempt)
      },
      { timeoutMs: 60_000 },
    )
  const lastRun = async () => {
    const run = (await status()).agents?.[0]?.lastRun
    return run && `${run.tick.slice(11, 16)} ${run.outcome}: ${run.message}`
  }
  const jumpTo = (time: string): void => {
    const now = clock.now().getTime()
    const today = Date.parse(`${clock.now().toISOString().slice(0, 10)}T${time}:00Z`) - 2_000
    clock.jump((today > now ? today : today + 86_400_000) - now)
  }
  const runningNow = async () => (await docker(lab.dockerHost, ['ps', '--format', '{{.Names}}'])).includes('digest-')
  const call = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    return (
      await fetch(`${daemon.url()}/api/v1/${path}`, { headers, method: 'POST', body: JSON.stringify(body) })
    ).json()
  }

  it('is started and followed by a daemon that lost its database, from what is found there', async () => {
    await daemon.stop()
    rmSync(dirname(daemon.fleet.database), { recursive: true })
    await daemon.start()
    await waitUntil(
      'what was lost',
      async () => (await status()).agents?.length === 1 && (await status()).apps.some(({ state }) => state.lastGood),
    )
    jumpTo('07:00')
    await expect.poll(lastRun, soon).toBe('07:00 running: started')
    await expect.poll(runningNow, soon).toBe(true)
  })

  it('is stopped when its budget is used up, and the next is refused for it', async () => {
    await expect
      .poll(() => call('spend', { key: 'one', budget: 'daily', amount: 11 }), soon)
      .toMatchObject({ key: 'one' })
    await expect.poll(lastRun, soon).toMatch(/^07:00 stopped: stopped for its budget team\/daily: /)
    await expect.poll(runningNow, soon).toBe(false)
    jumpTo('08:00')
    await expect.poll(lastRun, soon).toMatch(/^08:00 refused: stopped for its budget team\/daily: /)
  })

  it('leaves nothing behind when its agent is gone', async () => {
    const left = async () => [
      await docker(lab.dockerHost, ['service', 'ls', '--format', '{{.Name}}']),
      await docker(lab.dockerHost, ['network', 'ls', '--format', '{{.Name}}', '--filter', 'name=desk']),
    ]
    expect(await left()).not.toContain('')
    await daemon.fleet.commit({ 'apps/team/team.yaml': [{ kind: 'Network', name: 'front' }] })
    await expect.poll(left, soon).toEqual(['', ''])
  })
})
