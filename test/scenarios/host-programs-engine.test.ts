import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changesOf } from '../../src/model/plan.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createHostFleet } from '../support/host-fleet.ts'
import { ask, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

const keeper = { stableFor: '2s', bake: '0s', timeout: '60s' }
const documents: readonly WrittenDocument[] = [
  {
    kind: 'File',
    name: 'worker-env',
    hosts: ['host-1'],
    path: '/etc/worker.env',
    env: { GREETING: 'hello' },
    keeper,
  },
  {
    kind: 'Program',
    name: 'worker',
    hosts: ['host-1'],
    conf: 'worker.conf',
    restartOn: ['File/worker-env'],
    keeper,
  },
]
const conf = (command: string, more = ''): string =>
  `[program:worker]\ncommand=${command}\nnumprocs=2\nprocess_name=%(process_num)d\n${more}`
const good = conf('/bin/sleep infinity', 'environment=LEVEL="info"\n')

describe.skipIf(!hostsPossible())('programs in the main job', () => {
  let hosts: Hosts
  let fleet: LiveFleet
  beforeAll(async () => {
    hosts = await startHosts()
    fleet = await createHostFleet(hosts, 'host-programs')
    await waitUntil('supervisord', async () => /^\d+\n/.test(await sh('supervisorctl pid || :')))
  })
  afterAll(async () => {
    await fleet?.dispose()
    await hosts?.dispose()
  })
  const sh = (script: string) => hosts.first.run(['sh', '-c', script])
  const pids = async () => (await sh('supervisorctl pid worker:0; supervisorctl pid worker:1')).split('\n')
  const changes = async () => (await fleet.engine.plan(ask())).apps.flatMap((app) => changesOf(app.plan))

  it('are applied and proven; the second plan is empty', async () => {
    await fleet.commit({ 'apps/work/work.yaml': documents, 'apps/work/worker.conf': good })
    expect(fleet.app(await fleet.apply(), 'work')).toMatchObject({ outcome: 'proven' })
    expect(await changes()).toEqual([])
    expect(fleet.app(await fleet.apply(), 'work')).toMatchObject({ outcome: 'unchanged' })
  })

  it('go back whole when they end after they ran, and the report has what they wrote', async () => {
    const bad = await fleet.ship('work', {
      'apps/work/worker.conf': conf(
        '/bin/sh -c "sleep 2 && echo no luck >&2 && exit 3"',
        'environment=LEVEL="debug"\n',
      ),
    })
    expect(bad).toMatchObject({ outcome: 'rolled-back' })
    expect(bad.diagnosis.join('\n')).toContain('no luck')
    expect(await sh('cat /etc/supervisor/conf.d/worker.conf')).toBe(good)
    const [pid] = await pids()
    expect(await sh(`tr '\\0' '\\n' </proc/${pid}/environ`)).toContain('LEVEL=info\n')
    expect(await fleet.reconcile('work')).toMatchObject({ outcome: 'held-back' })
  })

  it('that supervisord refuses never ran: what ran goes on', async () => {
    const before = await pids()
    const bad = await fleet.ship('work', { 'apps/work/worker.conf': `${good}user=nobody-has-this-name\n` })
    expect(bad.outcome).toMatch(/rolled-back|held-back/)
    expect(bad.message).toContain('nobody-has-this-name')
    expect(await pids()).toEqual(before)
  })

  it('restart for a file that they are to restart on, and for nothing else', async () => {
    await fleet.ship('work', { 'apps/work/worker.conf': good })
    const before = await pids()
    const file = { ...documents[0], env: { GREETING: 'good morning' } } as WrittenDocument
    const shipped = await fleet.ship('work', { 'apps/work/work.yaml': [file, ...documents.slice(1)] })
    expect(shipped).toMatchObject({ outcome: 'proven' })
    const after = await pids()
    expect(after.filter((pid) => pid !== '' && before.includes(pid))).toEqual([])
    expect(await changes()).toEqual([])
  })

  it('that were stopped by hand are started again, and an environment edited by hand is drift', async () => {
    await sh('supervisorctl stop worker:0')
    await fleet.reconcile('work')
    expect((await pids()).slice(0, 2)).not.toContain('0')
    await sh('sed -i s/info/debug/ /etc/supervisor/conf.d/worker.conf')
    expect((await changes()).map(({ cause, diffs }) => [cause, diffs.map(({ path }) => path)])).toEqual([
      ['drift', ['/file']],
    ])
    const before = await pids()
    await fleet.reconcile('work')
    expect(await sh('cat /etc/supervisor/conf.d/worker.conf')).toBe(good)
    expect(await pids()).toEqual(before)
  })

  it('are taken out when their document is gone', async () => {
    await fleet.commit({ 'apps/work/work.yaml': null, 'apps/work/worker.conf': null })
    const [guarded] = (await fleet.apply()).apps
    await fleet.apply({ confirm: guarded?.guards?.map(({ name }) => name) ?? [] })
    expect(await sh('supervisorctl avail; ls /etc/supervisor/conf.d')).toBe('')
  })
})
