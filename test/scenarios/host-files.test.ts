import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partsOf } from '../../src/model/id.ts'
import { changesOf } from '../../src/model/plan.ts'
import type { Host } from '../lab/host.mjs'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { createHostFleet } from '../support/host-fleet.ts'
import { ask, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

const keeper = { stableFor: '0s', bake: '0s', timeout: '60s' }
const SECRET = 'hunter2 $(id)'
const DAEMON = '{\n    "data-root": "/data",\n    "log-opts": { "env": "E" },\n    "big": 12345678901234567890\n}\n'

describe.skipIf(!hostsPossible())('files on a host', () => {
  let hosts: Hosts
  let host: Host
  let fleet: LiveFleet
  beforeAll(async () => {
    hosts = await startHosts({ supervisord: false })
    host = hosts.first
    fleet = await createHostFleet(hosts, 'host-files', { settings: `secrets: { TOKEN: { value: "${SECRET}" } }` })
    await host.run(['sh', '-c', 'mkdir /etc/docker; cat >/etc/docker/daemon.json'], { input: DAEMON })
  })
  afterAll(async () => {
    await fleet?.dispose()
    await hosts?.dispose()
  })

  const at = (
    kind: string,
    name: string,
    path: string,
    more: Readonly<Record<string, unknown>> = {},
  ): WrittenDocument => ({
    kind,
    name,
    hosts: ['host-1'],
    path,
    ...more,
    keeper: { ...keeper, ...(more.keeper as object) },
  })
  const ignored = [{ field: '/content', reason: 'edited on the host' }]
  const swarm: readonly WrittenDocument[] = [
    { kind: 'User', name: 'swarm', hosts: ['host-1'], system: true, home: '/opt/swarm', shell: '/bin/false', keeper },
    at('Directory', 'home', '/opt/swarm', { owner: 'swarm', group: 'swarm', mode: '0750' }),
    at('File', 'env', '/opt/swarm/.env', {
      env: { RUNS: 50, TEXT: 'a "b" $c' },
      owner: 'swarm',
      group: 'swarm',
      mode: '0600',
    }),
    at('File', 'token', '/opt/swarm/token', { secret: { from: 'settings:TOKEN' }, owner: 'swarm' }),
    at('File', 'logo', '/opt/swarm/logo.bin', { file: 'logo.bin' }),
    at('File', 'no-newline', '/opt/swarm/a', { content: 'no newline' }),
    at('File', 'empty', '/opt/swarm/empty', { content: '' }),
    at('File', 'seed', '/opt/swarm/seed.toml', { content: 'first\n', keeper: { ignore: ignored } }),
    at('File', 'daemon', '/etc/docker/daemon.json', {
      json: { merge: { 'log-driver': 'journald', 'log-opts': { tag: 'x' } } },
      keeper: { adopt: 'converge' },
    }),
  ]
  const commit = (documents: readonly WrittenDocument[]) =>
    fleet.commit({ 'apps/swarm/files.yaml': documents, 'apps/swarm/logo.bin': '\u0000\u0001PNG\r\n\u0000' })
  const edited = (name: string, change: (document: WrittenDocument) => WrittenDocument | undefined) =>
    commit(swarm.flatMap((document) => (document.name === name ? (change(document) ?? []) : [document])))
  const planned = async () =>
    (await fleet.engine.plan(ask())).apps.flatMap(({ plan }) => [
      ...changesOf(plan).map(({ id, cause, diffs }) => [partsOf(id).name, cause, diffs.map(({ path }) => path)]),
      ...plan.held.map(({ id, why }) => [partsOf(id).name, why]),
    ])
  const sorted = (all: readonly unknown[][]) => [...all].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  const read = (path: string) => host.run(['cat', path])
  const byHand = (script: string) => host.run(['sh', '-c', script])

  it('are written byte by byte with owner and mode, and a second plan is empty', async () => {
    await commit(swarm)
    expect(await fleet.reconcile('swarm')).toMatchObject({ outcome: 'proven' })
    expect(
      await byHand('cd /opt/swarm; stat -c "%n %U:%G %a" . .env token; od -An -w32 -c a logo.bin empty | tr -s " "'),
    ).toBe(
      '. swarm:swarm 750\n.env swarm:swarm 600\ntoken swarm:root 600\n n o n e w l i n e \\0 001 P N G \\r \\n \\0\n',
    )
    expect(await byHand('. /opt/swarm/.env; printf "%s|%s" "$RUNS" "$TEXT"')).toBe('50|a "b" $c')
    expect(await read('/opt/swarm/token')).toBe(SECRET)
    expect(await read('/etc/docker/daemon.json')).toBe(
      DAEMON.replace('"E" }', '"E", "tag": "x" }').replace('890\n', '890,\n    "log-driver": "journald"\n'),
    )
    expect(await planned()).toEqual([])
    expect(await fleet.reconcile('swarm')).toMatchObject({ outcome: 'unchanged' })
  })

  it("are put right where they were changed by hand: each field, and not what is others' to change", async () => {
    await byHand(`cd /opt/swarm; echo RUNS=99 >.env; chmod 644 .env; chown root . token; echo leaked >token
      chmod g+s .; rm a; echo mine >seed.toml; chmod 600 seed.toml
      sed -i 's/"journald"/"syslog"/; s/"E"/"F"/' /etc/docker/daemon.json`)
    expect(sorted(await planned())).toEqual([
      ['/etc/docker/daemon.json', 'drift', ['/content/log-driver']],
      ['/opt/swarm', 'drift', ['/owner', '/mode']],
      ['/opt/swarm/.env', 'drift', ['/mode', '/content']],
      ['/opt/swarm/a', 'drift', []],
      ['/opt/swarm/seed.toml', 'drift', ['/mode']],
      ['/opt/swarm/token', 'drift', ['/owner', '/content']],
    ])
    expect(await fleet.reconcile('swarm')).toMatchObject({ outcome: 'healed' })
    expect(await planned()).toEqual([])
    expect(await read('/opt/swarm/seed.toml')).toBe('mine\n')
    expect(await read('/etc/docker/daemon.json')).toContain('"env": "F"')
    expect(await byHand('stat -c "%U %a" /opt/swarm /opt/swarm/seed.toml')).toBe('swarm 750\nroot 644\n')
  })

  it('are only reported, or left alone, where their document says so', async () => {
    const drift = (policy: string) => edited('env', (one) => ({ ...one, keeper: { ...keeper, drift: policy } }))
    await drift('report')
    await byHand('echo RUNS=1 >/opt/swarm/.env')
    expect(await planned()).toEqual([['/opt/swarm/.env', 'reported']])
    await drift('ignore')
    expect(await planned()).toEqual([['/opt/swarm/.env', 'ignored']])
    await commit(swarm)
    await fleet.apply()
    expect(await read('/opt/swarm/.env')).toContain('RUNS=50')
  })

  it('tell nobody a secret, before or after, nor its digest', async () => {
    await byHand('echo other-secret >/opt/swarm/token')
    const plan = await fleet.engine.plan(ask())
    const said = JSON.stringify([plan, fleet.events, await fleet.engine.show('host-1/File//opt/swarm/token', ask())])
    for (const word of [SECRET, 'hunter2', 'other-secret', 'leaked']) expect(said).not.toContain(word)
    const digest = (await byHand('sha256sum </opt/swarm/token')).slice(0, 64)
    expect(said).not.toContain(digest)
    await fleet.apply()
    expect(await read('/opt/swarm/token')).toBe(SECRET)
    await fleet.commit({ 'apps/other/token.yaml': swarm.find(({ name }) => name === 'token') ?? null })
    await edited('token', () => undefined)
    // it moved to another app, and is as it was
    expect((await fleet.apply()).apps.map(({ outcome }) => outcome)).not.toContain('failed')
    expect(await planned()).toEqual([])
    await fleet.commit({ 'apps/other/token.yaml': null })
    await commit(swarm)
    await fleet.apply()
    expect(await planned()).toEqual([])
  })

  it('that are no JSON are a conflict, which says where, before anything is written', async () => {
    await byHand('sed -i "1a\\\\    // a comment" /etc/docker/daemon.json')
    await edited('env', (one) => ({ ...one, env: { RUNS: 51 } }))
    const outcome = await fleet.reconcile('swarm')
    expect(outcome).toMatchObject({
      outcome: 'failed',
      reason: 'Conflict',
      message: expect.stringContaining('/etc/docker/daemon.json, which is no JSON object: 2:5: there is "/"'),
    })
    expect(await read('/opt/swarm/.env')).toContain('RUNS=50')
    await byHand('sed -i 2d /etc/docker/daemon.json')
    expect(await fleet.reconcile('swarm', { retry: true })).toMatchObject({ outcome: 'proven' })
    expect(await read('/opt/swarm/.env')).toContain('RUNS=51')
  })

  it('behind a symlink are refused, and followed where that is declared', async () => {
    await byHand('mkdir /data; mv /opt/swarm/a /data/a; ln -s /data/a /opt/swarm/a')
    const link = (more: object) => edited('no-newline', (one) => ({ ...one, content: 'followed\n', ...more }))
    await link({})
    expect(await fleet.reconcile('swarm')).toMatchObject({
      message: expect.stringContaining("/opt/swarm/a is a symlink: write 'symlinks: follow'"),
    })
    await link({ symlinks: 'follow' })
    expect(await fleet.reconcile('swarm')).toMatchObject({ outcome: 'proven' })
    expect(await byHand('readlink /opt/swarm/a; cat /data/a')).toBe('/data/a\nfollowed\n')
    expect(await planned()).toEqual([])
  })

  it('that leave the repository go, folders with something in them stay, and of a merged file only what was ours goes', async () => {
    await byHand('rm /opt/swarm/a')
    await edited('daemon', (one) => ({ ...one, json: { merge: { 'log-driver': 'journald' } } }))
    await fleet.apply()
    expect(await read('/etc/docker/daemon.json')).toBe(
      DAEMON.replace('"E"', '"F"').replace('890\n', '890,\n    "log-driver": "journald"\n'),
    )
    await byHand('echo theirs >/opt/swarm/theirs')
    const home = swarm.find(({ name }) => name === 'home')
    await commit([
      ...swarm.filter(({ kind }) => kind === 'User'),
      { ...home, kind: 'Directory', keeper: { ...keeper, prune: 'allow' } },
    ])
    const prune = async () => {
      const [guarded] = (await fleet.apply()).apps
      const confirm = guarded?.guards?.map(({ name }) => name) ?? []
      return fleet.apply({ confirm })
    }
    await prune()
    expect(await byHand('ls -A /opt/swarm')).toBe('theirs\n')
    expect(await read('/etc/docker/daemon.json')).toBe(DAEMON.replace('"E"', '"F"'))
    await commit(swarm.filter(({ kind }) => kind === 'User'))
    const held = await prune()
    expect(JSON.stringify(held.apps)).toContain('/opt/swarm is not empty (1 in it): it stays, with all that is in it')
    await byHand('rm /opt/swarm/*')
    await fleet.apply({ retry: true })
    await expect(byHand('ls /opt/swarm')).rejects.toThrow('No such file')
  })
})
