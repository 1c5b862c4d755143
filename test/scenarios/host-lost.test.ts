import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FleetOutcome } from '../../src/model/outcome.ts'
import { changesOf } from '../../src/model/plan.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createHostFleet } from '../support/host-fleet.ts'
import { ask, type LiveFleet, type WrittenFile } from '../support/live-fleet.ts'

const keeper = { stableFor: '1s', bake: '0s', timeout: '90s' }

/** A unit that takes its time to start: there is time to lose the host in the middle. */
const filesOf = (revision: number): Readonly<Record<string, WrittenFile>> => ({
  'apps/web/slow.service': [
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `Environment=REVISION=${revision}`,
    'ExecStart=/bin/sleep 4',
    '',
  ].join('\n'),
  'apps/web/web.yaml': [
    {
      kind: 'File',
      name: 'conf',
      hosts: ['host-1', 'host-2'],
      path: '/etc/web.conf',
      content: `${revision}\n`,
      keeper,
    },
    {
      kind: 'Unit',
      name: 'slow.service',
      hosts: ['host-1', 'host-2'],
      file: 'slow.service',
      restartOn: ['File/conf'],
      keeper,
    },
  ],
})

describe.skipIf(!hostsPossible())('a host that is lost in the middle of an apply', () => {
  let hosts: Hosts
  let fleet: LiveFleet
  beforeAll(async () => {
    hosts = await startHosts({ count: 2, supervisord: false })
    fleet = await createHostFleet(hosts, 'host-lost')
    await fleet.commit(filesOf(1))
    expect(fleet.app(await fleet.apply(), 'web')).toMatchObject({ outcome: 'proven' })
  })
  afterAll(async () => {
    await fleet?.dispose()
    await hosts?.dispose()
  })

  const isStarting = async (): Promise<boolean> => {
    const said = await hosts.first.run(['systemctl', 'show', '-p', 'ActiveState', 'slow.service'])
    return said.includes('activating')
  }
  /** An apply in whose middle something happens to the first host. */
  const applyWith = async (happens: () => Promise<void>): Promise<FleetOutcome> => {
    const applied = fleet.apply()
    await waitUntil('the unit to start', isStarting, { timeoutMs: 60_000, everyMs: 50 })
    await happens()
    return applied
  }
  const expectUnknown = (outcome: FleetOutcome): void => {
    const app = fleet.app(outcome, 'web')
    expect(app.outcome).toBe('unknown')
    const lost = app.steps.filter(({ id }) => id.startsWith('host-1/')).map(({ step }) => step)
    expect(lost).toContain('unknown')
    expect(lost).not.toContain('failed')
  }
  const nothingIsLeft = async (): Promise<boolean> => {
    await fleet.apply()
    const { apps } = await fleet.engine.plan(ask())
    return apps.every(({ plan }) => changesOf(plan).length === 0 && plan.held.length === 0)
  }
  const expectConverged = async (): Promise<void> => {
    // A host that was silent is asked again in the background: the first run may still do without it.
    await waitUntil('nothing to be left to do', nothingIsLeft, { timeoutMs: 60_000, everyMs: 500 })
    const states = hosts.all.map((host) => host.run(['systemctl', 'is-active', 'slow.service']))
    expect(await Promise.all(states)).toEqual(['active\n', 'active\n'])
  }

  it('by its power: what was begun there is unknown, and the next apply after it is back finishes it', async () => {
    await fleet.commit(filesOf(2))
    expectUnknown(await applyWith(() => hosts.first.powerOff()))
    await hosts.first.powerOn()
    await expectConverged()
    expect(await hosts.first.run(['cat', '/etc/web.conf'])).toBe('2\n')
  })

  it('by its network: it goes on there alone, nobody takes it for failed, and the next apply finishes it', async () => {
    await fleet.commit(filesOf(3))
    expectUnknown(await applyWith(() => hosts.first.cutLink()))
    await hosts.first.mendLink()
    await expectConverged()
    expect(await hosts.first.run(['cat', '/etc/web.conf'])).toBe('3\n')
  })
})
