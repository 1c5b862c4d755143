import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOST_KINDS } from '../../src/kinds/host-registry.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { Desired } from '../../src/model/desired.ts'
import { digestOf } from '../../src/model/digest.ts'
import { defaultHandling, type Wanted } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Collaborators } from '../../src/reconcile/engine.ts'
import { reconcileFleet } from '../../src/reconcile/fleet.ts'
import { createSshPool } from '../../src/shell/ssh-pool.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createHostTarget } from '../../src/targets/host/host-target.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { desiredOf } from '../support/fleet.ts'
import { HOST, service, unitOf, wantedOf } from '../targets/host/things.ts'

const { signal } = new AbortController()
const handling = { ...defaultHandling, stableForMs: 7_000, bakeMs: 0, timeoutMs: 60_000 }

describe.skipIf(!hostsPossible())('the engine and a host', () => {
  const clock = createRealClock()
  let hosts: Hosts
  beforeAll(async () => {
    hosts = await startHosts({ supervisord: false })
  })
  afterAll(() => hosts?.dispose())

  const unit = (command: string): Wanted => ({
    ...wantedOf('Unit', 'web.service', unitOf('web.service', service(`ExecStart=${command}`))),
    handling,
  })
  const desired = (wanted: readonly Wanted[]): Desired => {
    const app = { app: 'web', wanted, gates: [], broken: false, dependsOnApps: [], digest: digestOf(wanted) }
    return { ...desiredOf({}, { targets: [HOST] }), apps: new Map([['web', app]]) }
  }
  const engineOf = (revisions: readonly Desired[]): Collaborators => {
    const { address, port } = hosts.first
    const privateKey = new Sensitive(readFileSync(hosts.keyFile))
    const login = { host: address, port, user: 'deploy', hostKey: hosts.first.hostKey(), privateKey }
    let ids = 0
    return {
      install: 'ours',
      holder: 'this process',
      kinds: HOST_KINDS,
      store: createMemoryStore(),
      source: {
        resolve: async ({ revision }) => {
          const commit = revision ?? String(revisions.length).padStart(40, '0')
          return { commit, tree: commit }
        },
        read: async (revision) => ({ revision, files: new Map(), refused: [], blob: async () => Buffer.alloc(0) }),
        descends: async () => true,
        merged: async () => ({ conflicts: [] }),
        between: async () => [],
        dispose: async () => {},
      },
      clock,
      emit: () => {},
      random: () => 0.5,
      newId: () => String(ids++),
      openTarget: () => {
        const shell = createSshPool({ clock, random: () => 0.5 }).shell({ ...login, become: 'sudo' })
        return createHostTarget({ name: HOST, install: 'ours', shell, clock, kinds: HOST_KINDS })
      },
      render: async ({ revision }) => revisions[Number(revision.commit) - 1] ?? desired([]),
      reveal: async () => new Sensitive(''),
      runCheck: async ({ name }) => ({ name, ok: true, message: 'ok' }),
      appsAtOnce: 4,
    }
  }

  it('a unit that ends after five seconds goes back to the one before, and nothing is left to do', async () => {
    const revisions = [desired([unit('/bin/sleep infinity')])]
    const engine = engineOf(revisions)
    expect((await reconcileFleet(engine, { by: 'test', signal })).apps).toMatchObject([
      { app: 'web', outcome: 'proven' },
    ])
    revisions.push(desired([unit('/bin/sh -c "sleep 5; exit 1"')]))
    const [outcome] = (await reconcileFleet(engine, { by: 'test', signal })).apps
    expect(outcome).toMatchObject({ outcome: 'rolled-back' })
    const run = (words: readonly string[]) => hosts.first.run(words)
    expect(await run(['systemctl', 'cat', 'web.service'])).toContain('ExecStart=/bin/sleep infinity')
    expect(await run(['systemctl', 'is-active', 'web.service'])).toBe('active\n')
  })
})
