import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppOutcome } from '../../src/model/outcome.ts'
import { changesOf } from '../../src/model/plan.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { type FileServer, startFileServer } from '../support/file-server.ts'
import { createHostFleet } from '../support/host-fleet.ts'
import { ask, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

/** In place of the backend: Python's own web server with the few answers that the example asks for. */
const BACKEND = `#!/usr/bin/python3
import http.server, os
ANSWERS = {'/': 200, '/health': 200, '/api/auth/verify': 401, '/api/users/me': 401, '/api/funnel/batch': 403}
class Backend(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def answer(self):
        body = b'{"status": "ok"}' if self.path == '/api/system/health' else b''
        self.send_response(302 if self.path == '/dashboard' else 200 if body else ANSWERS.get(self.path, 404))
        self.send_header('content-length', str(len(body)))
        if self.path == '/dashboard':
            self.send_header('location', 'http://' + self.headers['host'] + '/')
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = answer
print('global limit', os.environ['DAILY_COST_GLOBAL_CENTS'], flush=True)
http.server.ThreadingHTTPServer(('0.0.0.0', 47300), Backend).serve_forever()
`

/** In place of the supervisor: it says that it is healthy, once its configuration can be read. */
const SUPERVISOR = `#!/usr/bin/python3
import http.server, json, sys
port = json.load(open(sys.argv[2]))['server']['http_port']
class Supervisor(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == '/healthz' else 503)
        self.end_headers()
        self.wfile.write(b'{"status": "healthy", "components": {}}')
http.server.ThreadingHTTPServer(('127.0.0.1', port), Supervisor).serve_forever()
`
const AGENT = '#!/bin/sh\ntest -r "$2" && echo "model $AGENT_MODEL" && exec sleep infinity\n'

describe.skipIf(!hostsPossible())('the examples with agents, on real hosts', () => {
  let hosts: Hosts
  let server: FileServer
  beforeAll(async () => {
    server = await startFileServer()
    hosts = await startHosts({ count: 3, supervisord: false })
  })
  afterAll(async () => {
    await hosts?.dispose()
    await server?.dispose()
  })

  /** The files of an example, but for its targets and settings; its programs come from here. */
  const filesOf = (example: string, change: (text: string) => string): Record<string, string> =>
    Object.fromEntries(
      listFiles(join('examples', example))
        .filter((path) => /^(apps\/|prod\.env)/.test(path))
        .map((path) => [path, change(readFileSync(join('examples', example, path), 'utf8'))]),
    )
  const released = (text: string, programs: Readonly<Record<string, string>>): string =>
    text.replace(/^url: https:\S+\/(\S+)\nsha256: .*$/gm, (_, name: string) => {
      const sha256 = server.put(name, programs[name] ?? '')
      return `url: ${server.url}/${name}\nsha256: ${sha256}`
    })
  const hostNamed = (name: string, index: number): WrittenDocument => {
    const { address, port, hostKey } = hosts.all[index] ?? hosts.first
    const login = { user: 'deploy', become: 'sudo', hostKey: hostKey(), credential: 'fleet-key' }
    return { kind: 'Host', name, address, port, ...login }
  }
  const on = (index: number, ...words: readonly string[]) => (hosts.all[index] ?? hosts.first).run(words)
  const states = async (index: number, ...units: readonly string[]): Promise<readonly string[]> =>
    Promise.all(units.map((unit) => on(index, 'systemctl', 'show', '--value', '-p', 'ActiveState', unit)))
  const nothingIsLeft = async (fleet: LiveFleet): Promise<void> => {
    const plan = await fleet.engine.plan(ask())
    expect(plan.apps.flatMap((app) => changesOf(app.plan).map(({ id }) => id))).toEqual([])
    const onEach = (...words: readonly string[]) => Promise.all(hosts.all.map((host) => host.run(words)))
    await onEach('touch', '/run/before')
    const { apps } = await fleet.apply()
    expect(apps.flatMap(({ steps }) => steps)).toEqual([])
    const written = await onEach('find', '/etc', '/opt', '/srv', '/usr/local', '-newer', '/run/before')
    expect(written).toEqual(hosts.all.map(() => ''))
    expect(apps.every(({ outcome }) => outcome === 'unchanged' || outcome === 'applied')).toBe(true)
  }

  describe('a platform of agents', () => {
    const AGENTS = ['morning-digest', 'health-watch', 'weekly-planner']
    const STANDING = ['quick-status', 'jarvis']
    let fleet: LiveFleet
    const change = (text: string): string =>
      released(text, { uv: BACKEND })
        .replace('https://swarm.example.test', `http://${hosts.first.address}:47300`)
        .replace('stableFor: 20s', 'stableFor: 3s')
    beforeAll(async () => {
      fleet = await createHostFleet(hosts, 'examples-zerg', {
        targets: {
          'targets/targets.yaml': [hostNamed('app-1', 0), { kind: 'Prometheus', name: 'main', url: server.url }],
        },
        fleet: { vars: 'prod.env' },
        allowed: [`127.0.0.1:${server.port}`],
        settings: 'secrets: { ZERG_SECRETS: { value: "JWT_SECRET=x" }, AGENT_TOKEN: { value: "ZERG_TOKEN=y" } }',
      })
      await fleet.commit(filesOf('zerg', change))
    })
    afterAll(() => fleet?.dispose())

    it('is applied, and its smoke test made: what runs all the time runs, what has a schedule waits', async () => {
      const { apps } = await fleet.apply()
      expect(outcomesOf(apps)).toEqual([
        { app: 'agents', outcome: 'applied' },
        { app: 'platform', outcome: 'applied' },
      ])
      const services = ['zerg-backend', ...STANDING].map((name) => `${name}.service`)
      expect(await states(0, ...services)).toEqual(services.map(() => 'active\n'))
      const waiting = AGENTS.map((name) => `${name}.service`)
      expect(await states(0, ...waiting)).toEqual(waiting.map(() => 'inactive\n'))
    })

    it('has the limits of its budgets in the file that the backend reads, and its agents what they are told', async () => {
      expect((await on(0, 'cat', '/opt/swarm/.env')).trim().split('\n').sort()).toEqual([
        'DAILY_COST_GLOBAL_CENTS=10000',
        'DAILY_COST_PER_USER_CENTS=100',
        'DAILY_RUNS_PER_USER=50',
        'ENVIRONMENT=production',
      ])
      for (const name of [...AGENTS, ...STANDING]) {
        const told = readFileSync(`examples/zerg/apps/agents/${name}.md`, 'utf8')
        expect(await on(0, 'cat', `/etc/agent-${name}/instructions.md`)).toBe(told)
        expect(await on(0, 'cat', `/etc/agent-${name}/agent.env`)).toContain(`AGENT_NAME=${name}\n`)
      }
      const process = await on(
        0,
        'sh',
        '-c',
        'tr "\\0" "\\n" </proc/$(systemctl show --value -p MainPID jarvis)/environ',
      )
      expect(process).toContain('AGENT_MODEL=gpt-5\n')
      expect(process).toContain('ZERG_TOKEN=y\n')
    })

    it('is as declared: the second run writes nothing', async () => {
      await nothingIsLeft(fleet)
      const { agents = [] } = await fleet.engine.status(ask())
      expect(agents.map(({ key }) => key).sort()).toEqual(
        [...AGENTS, ...STANDING].map((name) => `agents/${name}`).sort(),
      )
    })

    it('has a raised limit where it counts, and nothing restarts for it', async () => {
      const before = await on(0, 'systemctl', 'show', '-p', 'InvocationID', 'zerg-backend.service')
      const files = filesOf('zerg', (text) => change(text).replace('cost: 100.00', 'cost: 150.00'))
      expect(await fleet.ship('platform', files)).toMatchObject({ outcome: 'applied' })
      expect(await on(0, 'cat', '/opt/swarm/.env')).toContain('DAILY_COST_GLOBAL_CENTS=15000\n')
      expect(await on(0, 'systemctl', 'show', '-p', 'InvocationID', 'zerg-backend.service')).toBe(before)
    })
  })

  describe('a supervisor of coding agents, and one of its nodes', () => {
    let fleet: LiveFleet
    beforeAll(async () => {
      fleet = await createHostFleet(hosts, 'examples-hal', {
        targets: {
          'targets/targets.yaml': [
            hostNamed('supervisor', 1),
            hostNamed('node-a', 2),
            { kind: 'AgentSupervisor', name: 'hal', url: server.url, nodes: ['node-a'] },
          ],
        },
        allowed: [`127.0.0.1:${server.port}`],
      })
      // The secret of the installation is there already: it is in no repository.
      const token = '{"server": {"auth_token": "a secret of 32 characters or more"}}'
      await on(1, 'sh', '-c', `mkdir /etc/hal-o-swarm && echo '${token}' >/etc/hal-o-swarm/supervisor.config.json`)
      const programs = { 'hal-supervisor': SUPERVISOR, 'hal-agent': AGENT }
      const files = filesOf('hal-o-swarm', (text) =>
        released(text, programs).replace('stableFor: 10s', 'stableFor: 3s'),
      )
      await fleet.commit(files)
    })
    afterAll(() => fleet?.dispose())

    it('is applied: the supervisor answers, the agent runs with what it is told', async () => {
      const { apps } = await fleet.apply()
      expect(outcomesOf(apps)).toEqual([
        { app: 'node', outcome: 'applied' },
        { app: 'supervisor', outcome: 'applied' },
      ])
      expect(await states(1, 'hal-supervisor.service')).toEqual(['active\n'])
      expect(await states(2, 'hal-agent.service')).toEqual(['active\n'])
      expect(await on(2, 'cat', '/etc/agent-hal-agent/agent.env')).toBe(
        'AGENT_NAME=hal-agent\nAGENT_MODEL=claude-sonnet-4-5\nAGENT_TOOLS=opencode,claude_code\nLOG_LEVEL=info\n',
      )
      expect(await on(2, 'journalctl', '-u', 'hal-agent', '-o', 'cat')).toContain('model claude-sonnet-4-5')
    })

    it('has its policies and its projects in the configurations, and left what else is in them', async () => {
      const config = JSON.parse(await on(1, 'cat', '/etc/hal-o-swarm/supervisor.config.json'))
      expect(config.server).toMatchObject({ auth_token: 'a secret of 32 characters or more', http_port: 8421 })
      expect(config.policies.resume_on_idle).toMatchObject({ enabled: true, idle_threshold_seconds: 300 })
      expect(config.policies.restart_on_compaction).toMatchObject({ enabled: true, token_threshold: 180_000 })
      const agent = JSON.parse(await on(2, 'cat', '/etc/hal-o-swarm/agent.config.json'))
      expect(agent.projects.map(({ name }: { readonly name: string }) => name)).toEqual(['project-1', 'project-2'])
      expect(await on(2, 'stat', '-c', '%U', '/srv/projects/project-1', '/srv/projects/project-2')).toBe(
        'hal-agent\nhal-agent\n',
      )
    })

    it('is as declared: the second run writes nothing', () => nothingIsLeft(fleet))
  })
})

/** With the reason where it is not well. */
const outcomesOf = (apps: readonly AppOutcome[]) =>
  apps.map(({ app, outcome, message, diagnosis }) =>
    outcome === 'applied' ? { app, outcome } : { app, outcome, message, diagnosis },
  )

function listFiles(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
}
