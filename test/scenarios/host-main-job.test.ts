import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changesOf } from '../../src/model/plan.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { createHostFleet } from '../support/host-fleet.ts'
import { ask, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

const keeper = { stableFor: '2s', bake: '0s', timeout: '60s' }
const unit = (command: string): string =>
  [
    '[Service]',
    'EnvironmentFile=/etc/web.env',
    `ExecStart=${command}`,
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n')
const documents: readonly WrittenDocument[] = [
  {
    kind: 'File',
    name: 'web-env',
    hosts: { role: 'worker' },
    path: '/etc/web.env',
    env: { GREETING: 'hello' },
    keeper,
  },
  {
    kind: 'Unit',
    name: 'web.service',
    hosts: { role: 'worker' },
    file: 'web.service',
    enabled: true,
    state: 'running',
    restartOn: ['File/web-env'],
    keeper,
  },
]

describe.skipIf(!hostsPossible())('the main job on real hosts', () => {
  let hosts: Hosts
  let fleet: LiveFleet
  beforeAll(async () => {
    hosts = await startHosts({ count: 2, supervisord: false })
    fleet = await createHostFleet(hosts, 'host-main-job')
  })
  afterAll(async () => {
    await fleet?.dispose()
    await hosts?.dispose()
  })
  const onEach = (words: readonly string[]) => Promise.all(hosts.all.map((host) => host.run(words)))

  it('applies a repository to all hosts of a selector, and the second plan is empty', async () => {
    await fleet.commit({ 'apps/web/web.yaml': documents, 'apps/web/web.service': unit('/bin/sleep infinity') })
    expect(fleet.app(await fleet.apply(), 'web')).toMatchObject({ outcome: 'proven' })
    expect(await onEach(['systemctl', 'is-active', 'web.service'])).toEqual(['active\n', 'active\n'])
    const plan = await fleet.engine.plan(ask())
    expect(plan.problems).toEqual([])
    expect(plan.apps.flatMap((app) => changesOf(app.plan))).toEqual([])
    expect(fleet.app(await fleet.apply(), 'web')).toMatchObject({ outcome: 'unchanged' })
  })

  it('rolls a unit back that does not stay, with the reason, and does not ship it again', async () => {
    const bad = await fleet.ship('web', { 'apps/web/web.service': unit('/bin/sh -c "echo no luck; exit 3"') })
    expect(bad).toMatchObject({ outcome: 'rolled-back' })
    expect(bad.diagnosis.join('\n')).toContain('no luck')
    expect(await onEach(['systemctl', 'is-active', 'web.service'])).toEqual(['active\n', 'active\n'])
    expect(await fleet.reconcile('web')).toMatchObject({ outcome: 'held-back' })
  })

  it('heals what was changed by hand', async () => {
    await hosts.first.run(['systemctl', 'stop', 'web.service'])
    await fleet.reconcile('web')
    expect(await onEach(['systemctl', 'is-active', 'web.service'])).toEqual(['active\n', 'active\n'])
  })

  it('writes all that an app has on a host in one stage, and starts nothing whose file could not be written', async () => {
    const folder = { kind: 'Directory', name: 'opt', hosts: ['host-1'], path: '/opt/other', keeper }
    const file = { kind: 'File', name: 'conf', hosts: ['host-1'], path: '/mnt/other.conf', content: 'x', keeper }
    const unit = { kind: 'Unit', name: 'other.service', hosts: ['host-1'], file: 'other.service', keeper }
    const text = '[Service]\nExecStart=/bin/sleep infinity\nEnvironmentFile=-/mnt/other.conf\n'
    await fleet.commit({ 'apps/other/other.service': text, 'apps/other/all.yaml': [unit, file, folder] })
    const plan = (await fleet.engine.plan(ask())).apps.find(({ app }) => app === 'other')?.plan
    expect(plan?.stages.map(({ changes }) => changes.length)).toEqual([3])
    await hosts.first.run(['mount', '-t', 'tmpfs', '-o', 'ro', 'none', '/mnt'])
    const bad = await fleet.reconcile('other')
    expect(bad).toMatchObject({ outcome: 'held-back', message: expect.stringContaining('/mnt/other.conf') })
    expect(bad.steps.find(({ id }) => id.includes('/Unit/'))).toMatchObject({ reason: 'DependencyNotReady' })
    await expect(hosts.first.run(['systemctl', 'is-active', 'other.service'])).rejects.toThrow()
    await hosts.first.run(['umount', '/mnt'])
    expect(await fleet.reconcile('other', { retry: true })).toMatchObject({ outcome: 'proven' })
  })

  it('removes what left the repository', async () => {
    await fleet.commit({ 'apps/web/web.yaml': null, 'apps/web/web.service': null })
    const guarded = fleet.app(await fleet.apply(), 'web')
    const confirm = guarded.guards.map(({ name }) => name)
    await fleet.apply({ confirm })
    await expect(onEach(['systemctl', 'cat', 'web.service'])).rejects.toThrow()
    expect(await hosts.first.run(['ls', '/etc'])).not.toContain('web.env')
    expect((await fleet.engine.plan(ask())).apps.flatMap((app) => changesOf(app.plan))).toEqual([])
  })
})
