import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FleetStatus } from '../../src/model/outcome.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderStatus } from '../../src/report/render-status.ts'
import { type Alertmanager, startAlertmanager } from '../lab/alertmanager.mjs'
import { createRepository } from '../lab/git-repository.mjs'
import { type Prometheus, prometheusPossible, startPrometheus } from '../lab/prometheus.mjs'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'
import { ask, type WrittenDocument } from '../support/live-fleet.ts'

const TOKEN = 'swk_alertmanager-of-the-tests'
const sha256 = createHash('sha256').update(TOKEN).digest('hex')
const soon = { timeout: 40_000, interval: 100 }

let directory: string
let daemon: LiveDaemon
let alertmanager: Alertmanager
let prometheus: Prometheus
let server: Server
/** What the one service of this fleet answers, and what it counts. */
const service = { status: 200, errors: 0, asked: 0 }

/** To the daemon as it listens now; repeated often, which says nothing new. */
const receiver = () => ({
  route: { receiver: 'keeper', group_by: ['...'], group_wait: '0s', group_interval: '1s', repeat_interval: '2s' },
  receivers: [
    {
      name: 'keeper',
      webhook_configs: [
        {
          url: `${daemon.url()}/webhooks/alertmanager`,
          send_resolved: true,
          http_config: { authorization: { type: 'Bearer', credentials: TOKEN } },
        },
      ],
    },
  ],
})

/** One that is told in chat, and three that are not: those ask the Prometheus, and what was sent to the daemon. */
const checksOf = (address: string): readonly WrittenDocument[] => {
  const check = (name: string, rest: object): WrittenDocument => ({ kind: 'Check', name, interval: '1s', ...rest })
  const quiet = { severity: 'info', failAfter: 1 }
  const none = { severity: 'critical' }
  return [
    check('smoke', { http: { url: `http://${address}/health`, timeout: '2s' }, failAfter: 3 }),
    check('few-errors', { promql: { target: 'main', query: 'web_errors < 5' }, ...quiet }),
    check('calm', { alerts: { target: 'main', none }, ...quiet }),
    check('calm-here', { alerts: { none }, ...quiet }),
  ]
}

const rules = {
  groups: [
    {
      name: 'web',
      interval: '1s',
      rules: [
        {
          alert: 'HighErrors',
          expr: 'web_errors > 5',
          labels: { severity: 'critical', app: 'web' },
          annotations: { summary: '{{ $value }} errors; ask @everyone' },
        },
        { alert: 'Nobodys', expr: 'web_errors > 50', labels: { severity: 'warning' } },
      ],
    },
  ],
}

describe.skipIf(!prometheusPossible())('alerts and standing checks', () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-alerts-'))
    server = createServer((request, response) => {
      if (request.url === '/metrics') return void response.end(`web_errors ${service.errors}\n`)
      service.asked += 1
      response.writeHead(service.status).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const create = (name: string) => {
      const dir = join(directory, `${name}.git`)
      return createRepository({ name, dir, url: `file://${dir}` })
    }
    alertmanager = await startAlertmanager({ route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] })
    prometheus = await startPrometheus({ scrape: [address], alertmanager: alertmanager.address })
    writeFileSync(join(prometheus.rules, 'web.yaml'), JSON.stringify(rules))
    expect((await prometheus.reload()).status).toBe(200)
    daemon = await createLiveDaemon({ address: '127.0.0.1', git: { create } }, 'alerts', {
      targets: { 'targets/main.yaml': { kind: 'Prometheus', name: 'main', url: prometheus.url } },
      settings: `tokens: { alertmanager: { sha256: ${sha256}, scopes: [alerts] } }`,
    })
    await daemon.fleet.commit({ 'apps/web/checks.yaml': checksOf(address) })
    await daemon.start()
    await alertmanager.configure(receiver())
  })
  afterAll(async () => {
    await prometheus?.dispose()
    await alertmanager?.dispose()
    await daemon?.dispose()
    server?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** What stands in the chat now, without the signs that keep names from being links. */
  const chat = (): readonly string[] =>
    [...daemon.discord.messages.values()].map((one) =>
      JSON.stringify(one).replaceAll('\u200b', '').replaceAll('\\\\', ''),
    )
  const posted = (): number => daemon.discord.requests.filter(({ method }) => method === 'POST').length
  const edited = (): number => daemon.discord.requests.filter(({ method }) => method === 'PATCH').length

  const status = (): Promise<FleetStatus> => daemon.fleet.engine.status(ask())
  const lines = async (): Promise<readonly string[]> => renderStatus(await status(), new Date(), plainPaint)
  const metric = async (pattern: RegExp): Promise<readonly string[]> =>
    (await (await fetch(`${daemon.url()}/metrics`)).text()).split('\n').filter((line) => pattern.test(line))

  describe('alerts of a real Prometheus, by a real Alertmanager', () => {
    it('while nothing fires nothing is said, and all checks pass', async () => {
      await expect.poll(lines, soon).toContain('4 checks pass')
      expect((await status()).alerts).toBeUndefined()
      expect(await metric(/^swarmkeeper_(alerts_firing|check_up{.*smoke)/)).toEqual([
        'swarmkeeper_check_up{app="web",check="smoke"} 1',
      ])
      expect(posted()).toBe(0)
    })

    it('one that fires reaches chat once, and stands beside its app', async () => {
      service.errors = 10
      await expect.poll(posted, soon).toBe(1)
      expect(chat()).toEqual([expect.stringContaining('**web** · HighErrors fires')])
      expect((await lines()).find((line) => line.includes('HighErrors'))).toMatch(
        /^ {4}! alert HighErrors \(critical\) fires, begun .*: 10 errors; ask @everyone$/,
      )
      expect((await status()).alerts).toMatchObject([
        { status: 'firing', app: 'web', labels: { severity: 'critical' } },
      ])
      expect(await metric(/^swarmkeeper_alerts_firing{/)).toEqual([
        'swarmkeeper_alerts_firing{app="web",severity="critical"} 1',
      ])
    })

    it('fails the checks that forbid it, by Prometheus and by what was sent', async () => {
      const failing = async (): Promise<readonly string[]> =>
        ((await status()).checks ?? []).flatMap(({ name, state, message }) =>
          state === 'failing' ? [`${name}: ${message}`] : [],
        )
      await expect
        .poll(failing, soon)
        .toEqual([
          'few-errors: web_errors < 5 finds nothing',
          'calm: 1 alert with severity=critical is firing: HighErrors',
          'calm-here: 1 alert with severity=critical is firing: HighErrors',
        ])
    })

    it('is said again by Alertmanager, and not by us; nor after a restart', async () => {
      const before = (await status()).alerts?.[0]?.seenAt ?? ''
      const heardAgain = async (): Promise<boolean> => ((await status()).alerts?.[0]?.seenAt ?? '') > before
      await expect.poll(heardAgain, soon).toBe(true)
      await daemon.stop()
      await daemon.start()
      await alertmanager.configure(receiver())
      const after = new Date().toISOString()
      await expect.poll(async () => ((await status()).alerts?.[0]?.seenAt ?? '') > after, soon).toBe(true)
      expect([posted(), edited()]).toEqual([1, 0])
    })

    it('one that concerns no app of ours is shown, and told, without one', async () => {
      service.errors = 100
      await expect.poll(posted, soon).toBe(2)
      expect((await lines()).find((line) => line.includes('Nobodys'))).toMatch(/^! alert Nobodys \(warning\) fires/)
    })

    it('resolves once, where it was told', async () => {
      service.errors = 0
      await expect.poll(edited, soon).toBe(2)
      expect(posted()).toBe(2)
      expect(chat().every((title) => /resolved/i.test(title))).toBe(true)
      expect((await status()).alerts).toBeUndefined()
      expect(await metric(/^swarmkeeper_alerts_firing{/)).toEqual([])
    })

    it('nobody is mentioned, and the token is nowhere', () => {
      expect(daemon.discord.violations).toEqual([])
      expect(JSON.stringify(daemon.lines)).not.toContain(TOKEN)
    })
  })

  describe('a standing check', () => {
    it('that failed once or twice is not told; three times in a row, once', async () => {
      const before = { posted: posted(), asked: service.asked }
      service.status = 503
      await expect.poll(posted, soon).toBe(before.posted + 1)
      expect(service.asked - before.asked).toBeGreaterThanOrEqual(3)
      expect(chat().at(-1)).toContain('**web** · the check smoke fails')
      expect((await lines()).find((line) => line.includes('smoke'))).toMatch(
        /^ {4}✗ check smoke fails, begun .*: GET http:\/\/127\.0\.0\.1:\d+\/health: status 503, expected 200-206/,
      )
      expect(await metric(/^swarmkeeper_check_up{.*smoke/)).toEqual(['swarmkeeper_check_up{app="web",check="smoke"} 0'])
      const [failures = ''] = await metric(/^swarmkeeper_check_failures_total{.*smoke/)
      expect(Number(failures.split(' ').at(-1))).toBeGreaterThanOrEqual(3)
    })

    it('is not told again by a restart, and resolves once when it passes', async () => {
      const before = { posted: posted(), edited: edited() }
      await daemon.stop()
      await daemon.start()
      const asked = service.asked
      await expect.poll(() => service.asked, soon).toBeGreaterThan(asked + 2)
      expect([posted(), edited()]).toEqual([before.posted, before.edited])
      service.status = 200
      await expect.poll(edited, soon).toBe(before.edited + 1)
      expect(posted()).toBe(before.posted)
      await expect.poll(lines, soon).toContain('4 checks pass')
    })
  })
})
