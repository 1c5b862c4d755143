import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOST_KINDS } from '../../src/kinds/host-registry.ts'
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
import { programOf } from '../targets/host/supervisord/programs.ts'
import { HOST } from '../targets/host/things.ts'

const { signal } = new AbortController()

describe.skipIf(!hostsPossible())('programs of a real supervisord', () => {
  const clock = createRealClock()
  let hosts: Hosts
  let host: Host
  const opened: Target[] = []
  beforeAll(async () => {
    hosts = await startHosts()
    host = hosts.first
    await waitUntil('supervisord', () =>
      ctl('pid').then(
        () => true,
        () => false,
      ),
    )
  })
  afterAll(async () => {
    for (const target of opened) await target.dispose()
    await hosts?.dispose()
  })

  const ctl = (...words: readonly string[]) => host.run(['supervisorctl', ...words])
  const pidOf = async (name: string) => (await host.run(['sh', '-c', 'supervisorctl pid "$1" || :', 'sh', name])).trim()
  const open = (user: 'root' | 'deploy' = 'deploy'): Target => {
    const privateKey = new Sensitive(readFileSync(hosts.keyFile))
    const login = { host: host.address, port: host.port, user, hostKey: host.hostKey(), privateKey }
    const shell = createSshPool({ clock, random: () => 0, timeoutMs: 5_000 }).shell({ ...login, become: 'sudo' })
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
        reveal: async () => new Sensitive(''),
        mark: (id, step, note = {}) => void marks.push({ id, step, note }),
      },
    )
    return marks.filter(({ step }) => step !== 'started')
  }
  const applied = (...all: readonly Wanted[]) => all.map(({ id }) => ({ id, step: 'applied', note: {} }))
  const observe = async (target: Target, wanted: Wanted) =>
    (await target.observe([wanted], { signal })).of.get(wanted.id) ?? { state: 'absent' }
  const look = async (target: Target, wanted: Wanted) => {
    const seen = await observe(target, wanted)
    if (seen.state !== 'present') throw new Error(`${wanted.id} is ${JSON.stringify(seen)}`)
    return seen
  }
  const differences = async (target: Target, wanted: Wanted) =>
    (HOST_KINDS.get('Program')?.compare(wanted.spec, (await look(target, wanted)).live) ?? []).map(({ path }) => path)
  const healthy = (target: Target, wanted: Wanted) =>
    waitUntil(`${wanted.id} to be healthy`, async () => (await look(target, wanted)).health.status === 'healthy')

  for (const user of ['root', 'deploy'] as const) {
    it(`are added, changed and removed, and no other restarts, as ${user}`, async () => {
      const target = open(user)
      const sleeper = (name: string, more = '') =>
        programOf(name, `[program:${name}]\ncommand=/bin/sleep infinity\n${more}`)
      const [web, other] = [sleeper(`web-${user}`), sleeper(`other-${user}`)]
      expect(await observe(target, web)).toEqual({ state: 'absent' })
      expect(await apply(target, create(web), create(other))).toEqual(applied(web, other))
      await healthy(target, web)
      await healthy(target, other)
      expect(await differences(target, web)).toEqual([])
      const before = await pidOf(`other-${user}`)

      const edited = sleeper(`web-${user}`, 'environment=GREETING="hello, world"\n')
      expect(await differences(target, edited)).toEqual(['/file', `/groups/web-${user}`])
      expect(await apply(target, update(edited))).toEqual(applied(edited))
      await healthy(target, edited)
      expect(await differences(target, edited)).toEqual([])
      const environ = await host.run(['cat', `/proc/${await pidOf(`web-${user}`)}/environ`])
      expect(environ).toContain('GREETING=hello, world')
      expect(await pidOf(`other-${user}`)).toBe(before)

      expect(await apply(target, prune(edited), prune(other))).toEqual(applied(edited, other))
      expect(await observe(target, edited)).toEqual({ state: 'absent' })
      expect(await host.run(['sh', '-c', 'supervisorctl avail; ls /etc/supervisor/conf.d'])).not.toContain(user)
    })
  }
})
