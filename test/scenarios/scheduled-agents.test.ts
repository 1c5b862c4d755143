import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDaemon } from '../../src/daemon.ts'
import type { AgentStatus } from '../../src/model/outcome.ts'
import { noNotify } from '../../src/schedule/service-notify.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { buildProgram } from '../support/built-program.ts'
import { collectLog } from '../support/collect-log.ts'
import { docker } from '../support/docker.ts'
import { hostDocuments } from '../support/host-fleet.ts'
import { createJumpClock } from '../support/jump-clock.ts'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'
import { ask, type WrittenDocument } from '../support/live-fleet.ts'

const soon = { timeout: 40_000, interval: 100 }
const DAY = 86_400_000
const TOKEN = 'an-operator-who-cannot-wait-0123456789'
const KEEPER = { stableFor: '0s', bake: '0s', timeout: '40s' }

/** In order: each begins where the one before it ended, as people live with it. */
describe.skipIf(!labPossible() || !hostsPossible())(
  'agents with a schedule, on a Swarm, by systemd and by supervisord',
  () => {
    const clock = createJumpClock()
    let lab: Lab
    let hosts: Hosts
    let daemon: LiveDaemon
    let other: { stop(): Promise<void> } | undefined

    beforeAll(async () => {
      ;[lab, hosts] = await Promise.all([requireLab(), startHosts()])
      const { address } = hosts.first
      daemon = await createLiveDaemon(lab, 'agents', {
        clock,
        webhooks: false,
        targets: {
          'targets/prod.yaml': { kind: 'Swarm', name: 'prod', endpoints: [lab.dockerHost] },
          'targets/hosts.yaml': hostDocuments({ ...hosts, all: [hosts.first] }),
        },
        settings: [
          `credentials: { fleet-key: { type: ssh, addresses: ["${address}"], key: { file: ${hosts.keyFile} } } }`,
          `tokens: { ops: { sha256: ${createHash('sha256').update(TOKEN).digest('hex')}, scopes: [admin, read] } }`,
        ].join('\n'),
      })
      await daemon.fleet.commit(files())
      await daemon.start()
      await waitUntil(
        'the agents at rest',
        async () => {
          const { apps } = await engine().status(ask())
          return apps.some(({ state }) => state.app === 'agents' && state.lastGood && !state.attempt)
        },
        { timeoutMs: 60_000 },
      )
    })
    afterAll(async () => {
      await other?.stop()
      await daemon?.dispose()
      await Promise.all([lab?.dispose(), hosts?.dispose()])
    })

    const service = (name: string, line: string, schedule: object): WrittenDocument => ({
      ...{ kind: 'Agent', name, schedule, keeper: KEEPER },
      run: { service: { image: lab.registry.reference('app:1'), command: ['sh', '-c', line], target: 'prod' } },
    })
    const files = () => {
      const { name } = hosts.first
      const daily = { cron: '0 7 * * *' }
      const report = { kind: 'Agent', name: 'report', schedule: { ...daily, missed: 'once' }, keeper: KEEPER }
      const triage = { kind: 'Agent', name: 'triage', schedule: daily, keeper: KEEPER }
      return {
        'apps/agents/agents.yaml': [
          service('digest', 'echo read 3 mails; sleep 2', daily),
          service('broken', 'echo the key expired >&2; exit 3', { cron: '5 7 * * *' }),
          service('slow', 'trap "exit 0" TERM; sleep 600 & wait', { cron: '10,11 7 * * *', timeout: '5m' }),
          { ...report, run: { unit: { hosts: [name], file: 'report.service' } } },
          { ...triage, run: { program: { hosts: [name], command: '/bin/sh -c "echo x >>/tmp/triage; sleep 2"' } } },
        ],
        'apps/agents/report.service': '[Service]\nExecStart=/bin/sh -c "echo x >>/tmp/report; sleep 2"\n',
      }
    }

    const engine = () => daemon.fleet.engine
    const agents = async (of = engine()): Promise<readonly AgentStatus[]> => (await of.status(ask())).agents ?? []
    /** `digest succeeded 07:00` of all agents that ever ran. */
    const lastRuns = async (of = engine()) =>
      (await agents(of)).flatMap(({ name, lastRun }) =>
        lastRun ? [`${name} ${lastRun.outcome} ${lastRun.tick.slice(11, 16)}`] : [],
      )
    /** Two seconds before this time of the day, the next that comes. */
    const jumpTo = (time: string): void => {
      const now = clock.now().getTime()
      const today = Date.parse(`${clock.now().toISOString().slice(0, 10)}T${time}:00Z`) - 2_000
      clock.jump((today > now ? today : today + DAY) - now)
    }
    /** How often each has run, by what it left behind. */
    const ran = async () => {
      const containers = await docker(lab.dockerHost, ['ps', '-a', '--format', '{{.Names}}'])
      const lines = async (file: string) =>
        Number(await hosts.first.run(['sh', '-c', `cat ${file} 2>/dev/null | wc -l`]))
      return {
        digest: new Set(containers.split('\n').filter((one) => one.startsWith('digest-'))).size,
        report: await lines('/tmp/report'),
        triage: await lines('/tmp/triage'),
      }
    }
    const chat = () => [...daemon.discord.messages.values()].map((one) => JSON.stringify(one))
    const told = (words: string) => chat().filter((text) => text.includes(words))

    /** The same install, with another database. */
    const startOther = async () => {
      const file = join(daemon.fleet.directory, 'other.config.yaml')
      const text = readFileSync(daemon.fleet.settingsFile, 'utf8')
        .replace(/^database: .*$/m, `database: ${join(daemon.fleet.directory, 'other', 'swarmkeeper.db')}`)
        .replace(/^(github|chat): .*$/gm, '')
      writeFileSync(file, text, { mode: 0o600 })
      const loaded = loadSettings({ file, env: {} })
      if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
      const stop = new AbortController()
      const { log, lines } = collectLog()
      const about = { version: '0', node: process.version, clock, log, fetch, notify: noNotify }
      const ended = createDaemon(loaded.settings, about, stop.signal).then((second) => second.run(stop.signal))
      return {
        lines,
        stop: async () => {
          stop.abort(new Error('the test stops it'))
          await ended
        },
      }
    }

    it('run once at their time, though two daemons of two databases keep them', async () => {
      const second = await startOther()
      other = second
      // It knows of them when it has looked twice.
      await expect
        .poll(() => second.lines.filter(({ message }) => message === 'app:planned').length, soon)
        .toBeGreaterThan(1)
      jumpTo('07:00')
      await expect
        .poll(() => lastRuns(), soon)
        .toEqual(['digest succeeded 07:00', 'report succeeded 07:00', 'triage succeeded 07:00'])
      const seen = () =>
        second.lines.filter(({ message }) => /^run of .*: succeeded$/.test(message)).map(({ agent }) => agent)
      await expect.poll(() => seen().sort(), soon).toEqual(['agents/digest', 'agents/report', 'agents/triage'])
      expect(await ran()).toEqual({ digest: 1, report: 1, triage: 1 })
      await second.stop()
      other = undefined
      const [entry] = (await engine().history({ ...ask(), limit: 20 })).filter(
        ({ what, message }) => what === 'run' && message.includes('digest'),
      )
      expect(entry?.message).toMatch(/^Agent\/digest as prod\/Service\/digest, due .* 07:00Z: succeeded after \d+ s: /)
      const [digest] = await agents()
      expect(digest?.lastRun?.lines).toContain('read 3 mails')
    })

    it('are told in chat with their last lines when they fail, and once', async () => {
      jumpTo('07:05')
      await expect.poll(() => told('the run of broken failed').length, soon).toBe(1)
      expect(told('the run of broken failed').join()).toContain('the key expired')
      expect(told('the run of digest')).toEqual([])
    })

    it('begin by hand, and their log is that of the last run', async () => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
      const call = async (path: string, init: object = {}) =>
        JSON.stringify(await (await fetch(`${daemon.url()}/api/v1/resources/${path}`, { headers, ...init })).json())
      const id = encodeURIComponent('prod/Service/digest')
      expect(await call(`${id}/run-job`, { method: 'POST', body: '{}' })).toContain('a run of digest begins')
      await expect.poll(() => lastRuns(), soon).toContainEqual(expect.stringMatching(/^digest succeeded 07:0[5-9]$/))
      expect((await ran()).digest).toBe(2)
      expect(await engine().logs('Agent/digest', { ...ask(), lines: 5 })).toContain('read 3 mails')
    })

    it('are refused while the one before goes on, and stopped when they take too long', async () => {
      jumpTo('07:10')
      await expect.poll(() => lastRuns(), soon).toContain('slow running 07:10')
      jumpTo('07:11')
      const messages = async () =>
        (await engine().history({ ...ask(), limit: 9 })).map(({ message }) => message).join('\n')
      await expect.poll(messages, soon).toMatch(/Agent\/slow .*07:11Z: refused/)
      expect(await lastRuns()).toContain('slow running 07:10')
      jumpTo('07:16')
      await expect.poll(messages, soon).toMatch(/07:10Z: stopped after .*: it took longer than its timeout of 5 min/)
      await waitUntil(
        'the end of what ran',
        async () => !(await docker(lab.dockerHost, ['ps', '--format', '{{.Names}}'])).includes('slow-'),
      )
      await expect.poll(() => told('the run of slow was stopped').length, soon).toBe(1)
    })

    it('that were missed are told, or started once in the place of all, as each says', async () => {
      await daemon.stop()
      jumpTo('07:00')
      clock.jump(2 * DAY + 3_600_000)
      await daemon.start()
      await expect
        .poll(() => lastRuns(), soon)
        .toEqual(expect.arrayContaining(['digest missed 07:00', 'report succeeded 07:00', 'triage missed 07:00']))
      expect(await ran()).toMatchObject({ report: 2, triage: 1 })
    })

    it('are started once by a daemon that is killed at that very moment, and followed to their end by the next', async () => {
      await daemon.stop()
      const program = buildProgram()
      jumpTo('07:00')
      // Time for the first look before.
      const shift = clock.now().getTime() - 10_000 - Date.now()
      process.env.NODE_OPTIONS = `--import ${resolve(import.meta.dirname, '../support/shifted-date.mjs')}`
      process.env.SHIFT_MS = String(shift)
      const start = () => program.start(['run', '--config', daemon.fleet.settingsFile])
      try {
        const before = await ran()
        const first = start()
        await waitUntil('the first of its runs', async () => JSON.stringify(await ran()) !== JSON.stringify(before), {
          everyMs: 10,
        })
        first.kill()
        expect((await first.ended).code).toBeUndefined()
        const second = start()
        await waitUntil('the end of all runs', async () => {
          const all = await lastRuns()
          return ['digest', 'report', 'triage'].every((name) => all.includes(`${name} succeeded 07:00`))
        })
        // The run of the day before is cleared away when this one is kept.
        const jobs = async () => {
          const words = ['service', 'ls', '--format', '{{.Name}}', '--filter', 'name=digest-']
          return (await docker(lab.dockerHost, words)).split('\n')
        }
        await expect.poll(jobs, soon).toHaveLength(1)
        second.stop()
        await second.ended
        expect(await ran()).toMatchObject({ report: before.report + 1, triage: before.triage + 1 })
      } finally {
        delete process.env.NODE_OPTIONS
        delete process.env.SHIFT_MS
        program.remove()
      }
    })
  },
)
