import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOST_KINDS } from '../../src/kinds/host-registry.ts'
import { programOf } from '../../src/kinds/unit/program.ts'
import type { UnitSpec } from '../../src/kinds/unit/spec.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { Change } from '../../src/model/plan.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Step, StepNote, Target } from '../../src/model/target.ts'
import { createSshPool } from '../../src/shell/ssh-pool.ts'
import { createHostTarget } from '../../src/targets/host/host-target.ts'
import type { Host } from '../lab/host.mjs'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { create, prune, update } from '../support/changes.ts'
import { fileOf, fileSha256, HOST, service, unitOf, wantedOf } from '../targets/host/things.ts'

const { signal } = new AbortController()
const SECRET = 'hunter2 $(touch /tmp/pwned) `id` "quoted" \'so\''

describe.skipIf(!hostsPossible())('a host target on a host with systemd', () => {
  const clock = createRealClock()
  let hosts: Hosts
  let host: Host
  const opened: Target[] = []
  beforeAll(async () => {
    hosts = await startHosts({ supervisord: false })
    host = hosts.first
  })
  afterAll(async () => {
    for (const target of opened) await target.dispose()
    await hosts?.dispose()
  })

  const open = (user = 'deploy', become: 'sudo' | 'none' = 'sudo'): Target => {
    const privateKey = new Sensitive(readFileSync(hosts.keyFile))
    const login = { host: host.address, port: host.port, user, hostKey: host.hostKey(), privateKey, become }
    const shell = createSshPool({ clock, random: () => 0, timeoutMs: 2_000 }).shell(login)
    const target = createHostTarget({ name: HOST, install: 'ours', shell, clock, kinds: HOST_KINDS })
    opened.push(target)
    return target
  }
  const apply = async (target: Target, ...changes: readonly Change[]) => {
    const marks: { id: string; step: Step; note: StepNote }[] = []
    await target.apply(
      { changes, gates: [], pauseMs: 0 },
      {
        signal,
        record: [],
        guard: async () => {},
        reveal: async (reference) => new Sensitive(reference.startsWith('blob:') ? reference.slice(5) : SECRET),
        mark: (id, step, note = {}) => void marks.push({ id, step, note }),
      },
    )
    return marks.filter(({ step }) => step !== 'started')
  }
  const look = async (target: Target, wanted: Wanted) => {
    const seen = (await target.observe([wanted], { signal })).of.get(wanted.id)
    if (seen?.state !== 'present') throw new Error(`${wanted.id} is ${JSON.stringify(seen)}`)
    return seen
  }
  const differences = async (target: Target, wanted: Wanted) =>
    HOST_KINDS.get(wanted.kind)?.compare(wanted.spec, (await look(target, wanted)).live) ?? []
  const applied = (all: readonly Wanted[]) => all.map(({ id }) => ({ id, step: 'applied', note: {} }))
  const unit = (name: string, lines: readonly string[], more: Partial<UnitSpec> = {}) =>
    wantedOf('Unit', name, unitOf(name, service(...lines), more))

  it('restarts a unit for a changed file once; one that was killed in between is still due', async () => {
    const target = open()
    const file = wantedOf('File', '/etc/app.conf', fileOf('/etc/app.conf', 'a=1\n'))
    const sleeper = ['ExecStart=/bin/sleep infinity']
    const app = unit('app.service', sleeper, { triggers: { 'host/File/app.conf': '1' } })
    expect(await apply(target, create(file), create(app))).toEqual(applied([file, app]))
    const before = await look(target, app)
    expect(before.health.status).toBe('healthy')
    expect(await differences(target, app)).toEqual([])

    const newer = wantedOf('File', '/etc/app.conf', fileOf('/etc/app.conf', 'a=2\n'))
    const after = unit('app.service', sleeper, { triggers: { 'host/File/app.conf': '2' } })
    await look(target, newer)
    expect(await apply(target, update(newer))).toEqual(applied([newer]))
    // nothing restarted it yet: whoever looks next finds that
    expect(await differences(open(), after)).toMatchObject([
      { path: '/triggers/host~1File~1app.conf', effect: 'restart' },
    ])
    expect(await apply(target, update(after))).toEqual(applied([after]))
    expect(await differences(target, after)).toEqual([])
    expect((await look(target, after)).health.instance).not.toBe(before.health.instance)
  })

  it('refuses a unit with an option that systemd does not know, before anything is written', async () => {
    const target = open()
    const bad = unit('bad.service', ['ExecStart=/bin/sleep infinity', 'Restrat=always'])
    const [mark] = await apply(target, create(bad))
    expect(mark).toMatchObject({ step: 'failed', note: { message: expect.stringContaining('Restrat') } })
    expect(await host.run(['sh', '-c', 'ls /etc/systemd/system'])).not.toContain('bad.service')
  })

  it('says what a unit logged that cannot be started, and of one that ends later that it has', async () => {
    const target = open()
    const dead = unit('dead.service', ['Type=oneshot', 'ExecStart=/bin/sh -c "echo no luck; exit 3"'])
    expect(await apply(target, create(dead))).toMatchObject([
      { step: 'failed', note: { message: expect.stringContaining('no luck') } },
    ])
    const short = unit('short.service', ['ExecStart=/bin/sh -c "sleep 1; echo gone; exit 4"'])
    expect(await apply(target, create(short))).toEqual(applied([short]))
    await waitUntil('its end', async () => (await look(target, short)).health.status === 'degraded')
    expect((await look(target, short)).health.message).toBe('failed (exit-code, status 4)')
    expect((await target.logs(short.id, 10, { signal })).join('\n')).toContain('gone')
  })

  it('restarts what ends when it is told to reload', async () => {
    const target = open()
    const lines = ['ExecStart=/bin/sleep infinity', 'ExecReload=/bin/kill -HUP $MAINPID']
    const more = { reloadOn: ['File/x'] }
    const first = unit('hup.service', lines, { ...more, triggers: { 'host/File/x': '1' } })
    await apply(target, create(first))
    await look(target, first)
    const second = unit('hup.service', lines, { ...more, triggers: { 'host/File/x': '2' } })
    expect(await apply(target, update(second))).toEqual(applied([second]))
    expect((await look(target, second)).health.status).toBe('healthy')
    expect(await differences(target, second)).toEqual([])
  })

  it('writes a secret byte by byte, readable by its owner alone, and tells nobody its digest', async () => {
    const target = open()
    const content = { secret: 'file:x', mac: 'm'.repeat(64) }
    const secret = wantedOf('File', '/etc/secret', fileOf('/etc/secret', '', { content, mode: '0600' }))
    expect(await apply(target, create(secret))).toEqual(applied([secret]))
    expect(await host.run(['cat', '/etc/secret'])).toBe(SECRET)
    const { live } = await look(target, secret)
    expect(live).toMatchObject({ mac: content.mac, mode: '0600' })
    expect(live).not.toHaveProperty('sha256')
    expect(await differences(target, secret)).toEqual([])
  })

  it('writes nothing through a symlink', async () => {
    const target = open()
    await host.run(['sh', '-c', 'mkdir /srv/real; ln -s /srv/real /srv/link'])
    const file = wantedOf('File', '/srv/link/x', fileOf('/srv/link/x', 'x'))
    expect(await apply(target, create(file))).toMatchObject([{ step: 'failed', note: { reason: 'Conflict' } }])
    expect(await host.run(['ls', '/srv/real'])).toBe('')
  })

  it('keeps the old file where the disk is full, and goes on when it is not', async () => {
    const target = open()
    const before = wantedOf('File', '/etc/big', fileOf('/etc/big', 'small'))
    await apply(target, create(before))
    const after = wantedOf('File', '/etc/big', fileOf('/etc/big', 'x'.repeat(500_000)))
    await look(target, after)
    await host.fillDisk()
    const [mark] = await apply(target, update(after))
    await host.emptyDisk()
    expect(mark).toMatchObject({ step: 'failed', note: { message: expect.stringContaining('No space left') } })
    expect(await host.run(['cat', '/etc/big'])).toBe('small')
    expect(await apply(target, update(after))).toEqual(applied([after]))
  })

  it('makes groups, users in them, and directories of theirs; a second look finds nothing to do', async () => {
    const target = open()
    const group = wantedOf('Group', 'agents', { name: 'agents', system: true })
    const user = wantedOf('User', 'agent', {
      name: 'agent',
      system: true,
      group: 'agents',
      groups: ['adm'],
      shell: '/bin/sh',
    })
    const place = { path: '/srv/agent', owner: 'agent', group: 'agents', mode: '0750', symlinks: 'refuse' }
    const directory = wantedOf('Directory', place.path, place)
    const all = [directory, user, group]
    const marks = await apply(target, ...all.map(create))
    expect(marks.map(({ id, step, note }) => [id, step, note.message])).toEqual(
      [group, user, directory].map(({ id }) => [id, 'applied', undefined]),
    )
    for (const one of all) expect(await differences(target, one)).toEqual([])
    expect(await host.run(['stat', '-c', '%U:%G %a', '/srv/agent'])).toBe('agent:agents 750\n')
    await target.observe(all, { signal })
    expect((await apply(target, ...all.map(prune))).map(({ id, step }) => [id, step])).toEqual(
      [directory, user, group].map(({ id }) => [id, 'applied']),
    )
  })

  it('takes an artifact back to its version before without reading it again', async () => {
    const target = open()
    const place = { path: '/usr/local/bin/tool', owner: 'root', group: 'root', mode: '0755', symlinks: 'refuse' }
    const version = (text: string, source: object) =>
      wantedOf('Artifact', place.path, { ...place, source, sha256: fileSha256(text) })
    const [one, two] = ['one', 'two'].map((text) => version(text, { blob: `blob:${text}` }))
    if (!one || !two) throw new Error('two versions')
    expect(await apply(target, create(one))).toEqual(applied([one]))
    await look(target, two)
    expect(await apply(target, update(two))).toEqual(applied([two]))
    expect(await host.run(['cat', place.path])).toBe('two')
    const back = version('one', { url: 'https://nowhere.invalid/tool' })
    await look(target, back)
    expect(await apply(target, update(back))).toEqual(applied([back]))
    expect(await host.run(['cat', place.path])).toBe('one')
    const never = version('three', { url: 'https://nowhere.invalid/tool' })
    await look(target, never)
    expect(await apply(target, update(never))).toMatchObject([
      { step: 'failed', note: { message: expect.stringContaining('nothing is downloaded here') } },
    ])
  })

  it('takes away a drop-in that is no longer declared, and enables and masks', async () => {
    const target = open()
    const lines = ['ExecStart=/bin/sleep infinity', '[Install]', 'WantedBy=multi-user.target']
    const file = service(...lines)
    const withConf = { '10-x.conf': '[Service]\nEnvironment=X=1\n' }
    const first = unit('drop.service', lines, {
      enabled: true,
      dropIns: withConf,
      program: programOf({ file, dropIns: withConf }, 'service'),
    })
    expect(await apply(target, create(first))).toEqual(applied([first]))
    expect(await differences(target, first)).toEqual([])
    const second = unit('drop.service', lines, { enabled: false })
    await look(target, second)
    expect(await apply(target, update(second))).toEqual(applied([second]))
    expect(await differences(target, second)).toEqual([])
    expect(await host.run(['systemctl', 'show', '-p', 'Environment', '--value', 'drop.service'])).toBe('\n')
  })

  it('takes away a unit that others are part of, or require, and stops none of them', async () => {
    const target = open()
    const group = wantedOf('Unit', 'agents.target', unitOf('agents.target', '[Unit]\nDescription=all agents\n'))
    const member = (name: string, word: string) =>
      wantedOf('Unit', name, unitOf(name, `[Unit]\n${word}=agents.target\n${service('ExecStart=/bin/sleep infinity')}`))
    const members = [member('part.service', 'PartOf'), member('needs.service', 'Requires')]
    expect(await apply(target, create(group))).toEqual(applied([group]))
    expect(await apply(target, ...members.map(create))).toEqual(applied(members))
    const starts = async () => Promise.all(members.map(async (one) => (await look(target, one)).health.instance))
    const before = await starts()
    await look(target, group)
    expect(await apply(target, prune(group))).toEqual([{ id: group.id, step: 'applied', note: {} }])
    expect((await target.observe([group], { signal })).of.get(group.id)).toMatchObject({ state: 'absent' })
    expect(await host.run(['sh', '-c', 'systemctl is-active agents.target || :'])).toBe('inactive\n')
    expect(await starts()).toEqual(before)
    expect(await host.run(['systemctl', 'is-active', 'part.service', 'needs.service'])).toBe('active\nactive\n')
  })

  it('says as a user without root what it may not see, and changes nothing', async () => {
    const target = open('deploy', 'none')
    await host.run(['sh', '-c', 'mkdir -m 0700 /srv/closed; echo x >/srv/closed/x'])
    const [hidden, open_] = ['/srv/closed/x', '/srv/none'].map((path) => wantedOf('File', path, fileOf(path, 'x\n')))
    if (!hidden || !open_) throw new Error('two files')
    const { of } = await target.observe([hidden, open_], { signal })
    expect(of.get(hidden.id)).toMatchObject({ state: 'unknown', reason: expect.stringContaining('may not see') })
    expect(of.get(open_.id)).toEqual({ state: 'absent' })
    expect(await apply(target, create(open_))).toMatchObject([{ step: 'not-run', note: { reason: 'RootRefused' } }])
  })

  it('says that it does not know what became of a change when the host went off in the middle of it', async () => {
    const target = open()
    const slow = unit('slow.service', ['Type=oneshot', 'RemainAfterExit=yes', 'ExecStart=/bin/sleep 20'])
    const marks = apply(target, create(slow))
    await waitUntil('its start', async () =>
      (await host.run(['sh', '-c', 'systemctl is-active slow.service || :'])).includes('activating'),
    )
    await host.cutLink()
    expect(await marks).toMatchObject([{ step: 'unknown', note: { reason: 'TargetUnreachable' } }])
    await host.powerOff()
    await host.mendLink()
    await host.powerOn()
    const again = open()
    await waitUntil('the host', () =>
      again.identity({ signal }).then(
        () => true,
        () => false,
      ),
    )
    const seen = await look(again, slow)
    expect(seen.owner).toMatchObject({ who: 'us', app: 'web' })
    expect((await differences(again, slow)).map(({ path }) => path)).toEqual(['/state'])
  })
})
