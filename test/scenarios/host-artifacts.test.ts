import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changesOf } from '../../src/model/plan.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { type FileServer, startFileServer } from '../support/file-server.ts'
import { createHostFleet } from '../support/host-fleet.ts'
import { ask, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

const keeper = { stableFor: '0s', bake: '0s', timeout: '60s' }
const HOSTS = { role: 'worker' }
const BINARY = '/opt/dspy-agent/bin/env-manager'

/** A program of one line; it ends after a second where it is broken. */
const program = (version: string, broken = false): string =>
  `#!/bin/sh\necho ${version} >/opt/dspy-agent/running\n${broken ? 'sleep 1; exit 1' : 'exec sleep infinity'}\n`

const unit = (command: string, ...more: readonly string[]): string =>
  ['[Unit]', 'PartOf=dspy-agent.target', ...more, '[Service]', `ExecStart=${command}`, ''].join('\n')

describe.skipIf(!hostsPossible())('a binary on two hosts', () => {
  let hosts: Hosts
  let server: FileServer
  let fleet: LiveFleet
  beforeAll(async () => {
    server = await startFileServer()
    hosts = await startHosts({ count: 2, supervisord: false })
    fleet = await createHostFleet(hosts, 'host-artifacts', {
      allowed: [`127.0.0.1:${server.port}`],
    })
  })
  afterAll(async () => {
    await fleet?.dispose()
    await hosts?.dispose()
    await server?.dispose()
  })

  const onEach = (words: readonly string[]) => Promise.all(hosts.all.map((host) => host.run(words)))
  const artifact = (more: Readonly<Record<string, unknown>>): WrittenDocument => ({
    kind: 'Artifact',
    name: 'env-manager',
    hosts: HOSTS,
    path: BINARY,
    group: 'dspy',
    mode: '0550',
    keeper,
    ...more,
  })
  const folder = (name: string, path: string): WrittenDocument => ({
    kind: 'Directory',
    name,
    hosts: HOSTS,
    path,
    group: 'dspy',
    mode: '0750',
    keeper,
  })
  const service = (name: string, restartOn: readonly string[]): WrittenDocument => ({
    kind: 'Unit',
    name,
    hosts: HOSTS,
    file: name,
    state: 'running',
    restartOn,
    keeper,
  })
  const app = (version: string, more: Readonly<Record<string, unknown>>, env = version) => ({
    'apps/dspy/app.yaml': [
      { kind: 'Group', name: 'dspy', hosts: HOSTS, system: true, keeper },
      folder('home', '/opt/dspy-agent'),
      folder('bin', '/opt/dspy-agent/bin'),
      artifact(more),
      { kind: 'File', name: 'note', hosts: HOSTS, path: '/opt/dspy-agent/note', content: `${env}\n`, keeper },
      { ...service('env-manager.service', ['Artifact/env-manager']), keeper: { ...keeper, stableFor: '2s' } },
      {
        ...service('orchestrator.service', ['Artifact/env-manager']),
        keeper: { ...keeper, dependsOn: ['Unit/env-manager.service'] },
      },
      { ...service('dspy-agent.target', []), file: 'dspy-agent.target' },
    ],
    'apps/dspy/env-manager.service': unit(BINARY),
    'apps/dspy/orchestrator.service': unit(
      '/bin/sleep infinity',
      'Requires=env-manager.service',
      'After=env-manager.service',
    ),
    'apps/dspy/dspy-agent.target': '[Unit]\nWants=env-manager.service orchestrator.service\n',
  })
  const released = (version: string, broken = false) => ({
    url: `${server.url}/env-manager-${version}`,
    sha256: server.put(`env-manager-${version}`, program(version, broken)),
  })
  const states = () =>
    onEach(['systemctl', 'is-active', 'env-manager.service', 'orchestrator.service', 'dspy-agent.target'])
  const ACTIVE = ['active\nactive\nactive\n', 'active\nactive\nactive\n']

  it('is downloaded once, comes to each host with its owner and mode, and is there before what runs it', async () => {
    const outcome = await fleet.ship('dspy', app('1', released('1')))
    expect([outcome.outcome, outcome.message]).toEqual(['proven', undefined])
    expect(server.asked).toEqual(['env-manager-1'])
    expect(await onEach(['stat', '-c', '%U:%G %a', BINARY])).toEqual(['root:dspy 550\n', 'root:dspy 550\n'])
    expect(await states()).toEqual(ACTIVE)
    expect((await fleet.engine.plan(ask())).apps.flatMap(({ plan }) => changesOf(plan))).toEqual([])
    // nothing of the way there is left
    expect(await onEach(['sh', '-c', 'ls -A /var/lib/swarmkeeper/*/incoming /opt/dspy-agent/bin'])).toEqual(
      Array(2).fill(expect.stringMatching(/^\/opt\/dspy-agent\/bin:\nenv-manager\n\n.*incoming:\n$/)),
    )
  })

  it('goes back with all that depends on it when a new version does not stay, without its server', async () => {
    const two = released('2', true)
    await fleet.commit(app('2', two))
    const asked = server.asked.length
    const outcome = fleet.app(await withServerOffAfter(1, asked, () => fleet.apply()), 'dspy')
    expect(outcome).toMatchObject({ outcome: 'rolled-back' })
    expect(await onEach(['cat', BINARY])).toEqual([program('1'), program('1')])
    expect(await onEach(['cat', '/opt/dspy-agent/running'])).toEqual(['1\n', '1\n'])
    expect(await onEach(['cat', '/opt/dspy-agent/note'])).toEqual(['1\n', '1\n'])
    expect(await states()).toEqual(ACTIVE)
  })

  /** The server is off for whoever asks after so many. */
  async function withServerOffAfter<T>(more: number, asked: number, work: () => Promise<T>): Promise<T> {
    const timer = setInterval(() => server.asked.length >= asked + more && server.answer(503), 1)
    try {
      return await work()
    } finally {
      clearInterval(timer)
      server.answer(undefined)
      expect(server.asked.slice(asked)).toEqual(['env-manager-2'])
    }
  }

  it.each([
    ['cannot be had', () => ({ url: `${server.url}/never`, sha256: 'a'.repeat(64) }), /\/never: it answers 404/],
    [
      'is another one',
      () => ({ ...released('3'), sha256: 'b'.repeat(64) }),
      /env-manager-3: what came has the sha256 .*, and the document says b{64}/,
    ],
    [
      'stands where the settings allow nothing',
      () => ({ url: 'http://10.99.99.99/x', sha256: 'c'.repeat(64) }),
      /do not allow 10\.99\.99\.99:80: allowedAddresses/,
    ],
  ])('that %s refuses the app before anything is written', async (_, more, message) => {
    const outcome = await fleet.ship('dspy', app('1', more(), 'never written'))
    expect(outcome).toMatchObject({
      outcome: 'failed',
      reason: 'ArtifactUnavailable',
      message: expect.stringMatching(message),
    })
    expect(outcome.steps.map(({ step }) => step)).not.toContain('applied')
    expect(await onEach(['cat', '/opt/dspy-agent/note'])).toEqual(['1\n', '1\n'])
    expect(await states()).toEqual(ACTIVE)
  })

  it('goes up again, and back to a version that the host has kept, by a commit and without a server', async () => {
    expect(await fleet.ship('dspy', app('4', released('4')))).toMatchObject({ outcome: 'proven' })
    const asked = server.asked.length
    server.answer(503)
    expect(await fleet.ship('dspy', app('1', { ...released('1'), url: `${server.url}/gone` }))).toMatchObject({
      outcome: 'proven',
    })
    server.answer(undefined)
    expect(server.asked).toHaveLength(asked)
    expect(await onEach(['cat', '/opt/dspy-agent/running'])).toEqual(['1\n', '1\n'])
  })

  it('is put back where somebody exchanged it or its mode, from what the keeper has', async () => {
    const asked = server.asked.length
    await hosts.first.run(['sh', '-c', `echo other >${BINARY}.x; mv ${BINARY}.x ${BINARY}; chmod 4777 ${BINARY}`])
    expect(await fleet.reconcile('dspy')).toMatchObject({ outcome: 'healed' })
    expect(await onEach(['sha256sum', BINARY])).toEqual(Array(2).fill(expect.stringContaining(released('1').sha256)))
    expect(await onEach(['stat', '-c', '%a', BINARY])).toEqual(['550\n', '550\n'])
    expect(server.asked).toHaveLength(asked)
  })

  it('comes from the repository as well, and no more earlier versions are kept than is said', async () => {
    const text = program('5')
    const sha256 = server.put('unused', text)
    const files = { ...app('5', { file: 'env-manager', sha256, keep: 1 }), 'apps/dspy/env-manager': text }
    expect(await fleet.ship('dspy', files)).toMatchObject({ outcome: 'proven' })
    expect(await onEach(['cat', BINARY])).toEqual([text, text])
    const kept = await onEach([
      'sh',
      '-c',
      `cd /var/lib/swarmkeeper/*/previous; for f in */*; do sha256sum <"$f"; done | grep -c ${released('1').sha256}; ls -d */* | wc -l`,
    ])
    expect(kept.map((one) => one.split('\n')[0])).toEqual(['1', '1'])
    expect(
      readdirSync(join(fleet.directory, 'machine-1', 'git', 'artifacts')).every((name) => /^[0-9a-f]{64}$/.test(name)),
    ).toBe(true)
  })
})
