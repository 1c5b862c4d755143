import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOST_KINDS } from '../../src/kinds/host-registry.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { DoctorFinding } from '../../src/model/engine.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Target } from '../../src/model/target.ts'
import { createSshPool } from '../../src/shell/ssh-pool.ts'
import { createHostTarget } from '../../src/targets/host/host-target.ts'
import type { Host } from '../lab/host.mjs'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createHostFleet, hostDocuments } from '../support/host-fleet.ts'
import { ask, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'
import { fileOf, service, unitOf, wantedOf } from '../targets/host/things.ts'

const { signal } = new AbortController()
/** Of a login, and of a host that says nothing. */
const TIMEOUT_MS = 10_000
const keeper = { stableFor: '1s', bake: '0s', timeout: '120s' }

/** On each host what an idle tick has to look at: of every kind that asks for something of its own. */
const documentsFor = (hosts: readonly string[], name: string): readonly WrittenDocument[] => [
  { kind: 'File', name: `${name}-env`, hosts, path: `/etc/${name}.env`, env: { A: '1' }, keeper },
  { kind: 'Directory', name: `${name}-dir`, hosts, path: `/srv/${name}`, mode: '0755', keeper },
  { kind: 'Group', name, hosts, keeper },
  { kind: 'User', name, hosts, keeper },
  { kind: 'Unit', name: `${name}.service`, hosts, file: `${name}.service`, state: 'running', keeper },
]
const UNIT = service('ExecStart=/bin/sleep infinity')

describe.skipIf(!hostsPossible())('eight hosts and their channels', () => {
  let hosts: Hosts
  let fleet: LiveFleet
  let last: Host
  beforeAll(async () => {
    hosts = await startHosts({ count: 8, supervisord: false })
    last = hosts.all[7] as Host
    const others = hosts.all.slice(0, 7).map(({ name }) => name)
    fleet = await createHostFleet(hosts, 'hosts-channels')
    await fleet.commit({
      'apps/near/near.yaml': documentsFor(others, 'near'),
      'apps/near/near.service': UNIT,
      'apps/far/far.yaml': documentsFor([last.name], 'far'),
      'apps/far/far.service': UNIT,
    })
    const outcome = await fleet.apply()
    expect(outcome.apps.map(({ app, outcome }) => [app, outcome])).toEqual([
      ['far', 'proven'],
      ['near', 'proven'],
    ])
  })
  afterAll(async () => {
    await fleet?.dispose()
    await hosts?.dispose()
  })
  const counted = (what: string) =>
    Promise.all(
      hosts.all.map(async (host) =>
        Number(await host.run(['sh', '-c', 'journalctl -u ssh -o cat | grep -c "^$1" || :', 'sh', what])),
      ),
    )
  const ticked = async () => {
    const began = performance.now()
    const outcome = await fleet.apply()
    return { took: performance.now() - began, near: fleet.app(outcome, 'near'), far: fleet.app(outcome, 'far') }
  }

  it('an idle tick opens one channel per host and no connection, as sshd counts them', async () => {
    const [sessions, logins] = [await counted('Starting session'), await counted('Accepted publickey')]
    const { near, far } = await ticked()
    expect([near.outcome, far.outcome]).toEqual(['unchanged', 'unchanged'])
    expect(await counted('Starting session')).toEqual(sessions.map((count) => count + 1))
    expect(await counted('Accepted publickey')).toEqual(logins)
  })

  it('one that is dead costs a tick one time-out, the next ones next to nothing, and others nothing', async () => {
    await last.cutLink()
    const first = await ticked()
    expect([first.near.outcome, first.far.outcome]).toEqual(['unchanged', 'unknown'])
    expect(first.far.message).toContain(`deploy@${last.address}:22`)
    expect(first.took).toBeLessThan(1.9 * TIMEOUT_MS)
    await hosts.first.run(['sh', '-c', 'echo A=2 >/etc/near.env'])
    const second = await ticked()
    expect(second.near.outcome).toBe('healed')
    expect(second.far.outcome).toBe('unknown')
    const third = await ticked()
    expect(third.took).toBeLessThan(0.8 * TIMEOUT_MS)
    await last.mendLink()
    await waitUntil('the host', async () => (await ticked()).far.outcome === 'unchanged', { timeoutMs: 60_000 })
  })

  describe('seen by users who are not root', () => {
    const opened: Target[] = []
    afterAll(async () => {
      for (const target of opened) await target.dispose()
    })
    const targetOf = (user: string, become: 'sudo' | 'none', host = hosts.first): Target => {
      const privateKey = new Sensitive(readFileSync(hosts.keyFile))
      const clock = createRealClock()
      const login = { host: host.address, port: host.port, user, hostKey: host.hostKey(), privateKey, become }
      const shell = createSshPool({ clock, random: () => 0 }).shell(login)
      const target = createHostTarget({ name: 'host', install: 'eyes', shell, clock, kinds: HOST_KINDS })
      opened.push(target)
      return target
    }
    const SEEN = [
      wantedOf('File', '/etc/hostname', fileOf('/etc/hostname', 'host-1\n')),
      wantedOf('File', '/etc/shadow', fileOf('/etc/shadow', 'x')),
      wantedOf('File', '/root/secret', fileOf('/root/secret', 'x')),
      wantedOf('File', '/etc/none', fileOf('/etc/none', 'x')),
      wantedOf('Unit', 'ssh.service', unitOf('ssh.service', UNIT)),
      wantedOf('User', 'guest', { name: 'guest', system: false }),
    ]
    const looked = async (target: Target) => {
      const { of } = await target.observe(SEEN, { signal })
      return SEEN.map(({ id }) => {
        const seen = of.get(id)
        return seen?.state === 'unknown' ? seen.reason : seen?.state
      })
    }

    it.each(['guest', 'asker', 'deploy'])('%s, without sudo, is told precisely what it may not see', async (user) => {
      const target = targetOf(user, 'none')
      const uid = (await hosts.first.run(['id', '-u', user])).trim()
      const whose = (name: string) => `user ${uid} may not see whose ${name} is: that needs root`
      const hidden = (name: string) => `user ${uid} may not see ${name}: it needs root`
      expect(await looked(target)).toEqual([
        whose('/etc/hostname'),
        hidden('/etc/shadow'),
        hidden('/root/secret'),
        'absent',
        whose('ssh.service'),
        whose('guest'),
      ])
    })

    it('guest sees what there is where no install has written anything', async () => {
      const aside = ['mv', '/var/lib/swarmkeeper', '/var/lib/aside']
      await hosts.first.run(aside)
      const seen = await looked(targetOf('guest', 'none'))
      await hosts.first.run(['mv', '/var/lib/aside', '/var/lib/swarmkeeper'])
      expect(seen.map((one) => one?.replace(/user \d+/, 'user N'))).toEqual([
        'present',
        'user N may not see /etc/shadow: it needs root',
        'user N may not see /root/secret: it needs root',
        'absent',
        'present',
        'present',
      ])
    })

    it.each(['guest', 'asker'])('%s, whose sudo does not work, is told so and sees nothing', async (user) => {
      await expect(targetOf(user, 'sudo').observe(SEEN, { signal })).rejects.toMatchObject({
        reason: 'RootRefused',
        todo: expect.stringContaining('NOPASSWD'),
      })
    })

    it('nothing is written, and nothing is tried, without root', async () => {
      const target = targetOf('guest', 'none')
      const wanted = wantedOf('File', '/etc/none', fileOf('/etc/none', 'x'))
      const live = await target.observe([wanted], { signal })
      const change = { action: 'create', id: wanted.id, to: wanted, cause: 'revision', diffs: [] } as const
      expect(target.preflight([change], live)).toMatchObject([
        { id: wanted.id, reason: 'RootRefused', message: expect.stringContaining('only looked at') },
      ])
      const sessions = await counted('Starting session')
      const lease = await target.lease('me', { signal })
      await lease.check({ signal })
      await target.writeRecord({ install: 'eyes', apps: {}, unstamped: {} }, { signal })
      await lease.release()
      expect(await counted('Starting session')).toEqual(sessions)
    })

    it('doctor says who it is, and how full the disk is', async () => {
      const findings = async (target: Target) => (await target.examine?.({ signal })) ?? []
      expect(await findings(targetOf('deploy', 'sudo'))).toMatchObject([
        { subject: 'root', level: 'ok' },
        // a busy machine may boot with a unit that failed
        { subject: 'systemd', message: expect.stringMatching(/^systemd 252, (running|degraded)$/) },
        { subject: 'disk', level: 'ok', message: expect.stringContaining('MiB free') },
        { subject: 'supervisord', level: 'warning' },
      ])
      const [root] = await findings(targetOf('guest', 'none'))
      expect(root).toMatchObject({ level: 'warning', message: expect.stringMatching(/guest.*\/var\/lib\/swarmkeeper/) })
      await hosts.first.fillDisk()
      const full = await findings(targetOf('deploy', 'sudo'))
      await hosts.first.emptyDisk()
      expect(full).toContainEqual(expect.objectContaining({ subject: 'disk', message: '0 MiB free at /var/lib' }))
    })
  })

  it('doctor says of a fleet what is wrong with each host, and what to do', async () => {
    const [one, two, three] = hostDocuments(hosts)
    const guest = { ...two, user: 'guest', become: 'none' }
    const changed = { ...three, hostKey: hosts.first.hostKey() }
    const sick = await createHostFleet(hosts, 'hosts-doctor', {
      targets: { 'targets/hosts.yaml': [one, guest, changed] as readonly WrittenDocument[] },
    })
    const findings = await sick.engine.doctor(ask())
    await sick.dispose()
    const of = (subject: string): DoctorFinding | undefined => findings.find((found) => found.subject === subject)
    expect(of('credential fleet-key')).toMatchObject({ level: 'ok' })
    expect(of('target host-1')).toMatchObject({ level: 'ok' })
    expect(of('clock of host-1')).toMatchObject({ level: 'ok' })
    expect(of('systemd of host-1')).toMatchObject({ message: expect.stringContaining('systemd 252, ') })
    expect(of('disk of host-1')).toMatchObject({ level: 'ok' })
    expect(of('root of host-2')).toMatchObject({ level: 'warning', message: expect.stringContaining('guest') })
    expect(of('target host-3')).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/shows ssh-ed25519 SHA256:\S+, and pinned is ssh-ed25519 SHA256:\S+/),
      todo: expect.stringContaining('ssh-keygen -lf'),
    })
  })
})
