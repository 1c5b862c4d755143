import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { createHostFleet } from '../support/host-fleet.ts'
import type { LiveFleet, WrittenFile } from '../support/live-fleet.ts'

const hosts = ['host-1']
const soon = { timeout: '2s', within: '10s', every: '200ms' }
const CHECKS = [
  { http: { url: 'http://127.0.0.1:8080/health.json', from: 'host', json: { '/status': 'ok' }, ...soon } },
  { tcp: { host: 'localhost', port: 8080, from: 'host', ...soon } },
  { command: { command: ['grep', '-q', 'a b; c', '/srv/web/health.json'], env: { LANG: 'C' }, ...soon } },
]

/** A server that only the host itself can reach, and what it says of its health. */
const filesOf = (health: string, checks: readonly object[] = CHECKS): Readonly<Record<string, WrittenFile>> => {
  const keeper = { stableFor: '1s', bake: '0s', timeout: '30s' }
  return {
    'apps/web/web.service':
      '[Service]\nWorkingDirectory=/srv/web\nExecStart=/usr/bin/python3 -m http.server 8080 --bind 127.0.0.1\n',
    'apps/web/web.yaml': [
      { kind: 'Directory', name: 'web', hosts, path: '/srv/web', keeper },
      { kind: 'File', name: 'health', hosts, path: '/srv/web/health.json', content: `${health}\n`, keeper },
      {
        kind: 'Unit',
        name: 'web.service',
        hosts,
        file: 'web.service',
        restartOn: ['File/health'],
        keeper: { ...keeper, checks },
      },
    ],
  }
}

describe.skipIf(!hostsPossible())('checks that are made from a host', () => {
  let lab: Hosts
  let fleet: LiveFleet
  beforeAll(async () => {
    lab = await startHosts({ supervisord: false })
    fleet = await createHostFleet(lab, 'host-checks')
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  it('pass where its own address, its port and its command say so', async () => {
    const outcome = await fleet.ship('web', filesOf('{"status": "ok", "note": "a b; c"}'))
    expect(outcome, outcome.message).toMatchObject({ outcome: 'proven' })
    const results = fleet.events.flatMap((event) => (event.type === 'check' ? [event.result] : []))
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true])
  })

  it('take a revision back that answers something else, and say what it answered', async () => {
    const outcome = await fleet.ship('web', filesOf('{"status": "sick", "note": "a b; c"}'))
    expect(outcome).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('sick') })
    expect(await lab.first.run(['cat', '/srv/web/health.json'])).toContain('ok')
  })

  it('and whose command does not end with 0', async () => {
    const outcome = await fleet.ship('web', filesOf('{"status": "ok", "note": "another"}'))
    expect(outcome).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('grep ended with 1') })
  })

  it('reach nothing else from there that the settings do not allow', async () => {
    const elsewhere = [{ tcp: { host: '198.51.100.7', port: 80, from: 'host', ...soon } }]
    const outcome = await fleet.ship('web', filesOf('{"status": "ok", "note": "a b; c", "x": 1}', elsewhere))
    expect(outcome.message).toContain('do not allow 198.51.100.7:80')
  })
})
