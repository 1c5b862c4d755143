import { describe } from 'vitest'
import type { Recorded } from '../../src/model/resource.ts'
import type { Target } from '../../src/model/target.ts'
import { runnerConformance } from '../conformance/runner.ts'
import { hostsPossible, startHosts } from '../lab/hosts.mjs'
import { labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { create } from '../support/changes.ts'
import { docker } from '../support/docker.ts'
import { programOf } from '../targets/host/supervisord/programs.ts'
import { programWorld } from '../targets/host/supervisord/world.ts'
import { wantedOf as onHost, service, unitOf } from '../targets/host/things.ts'
import { createSwarmWorld, neverAborted, wantedOf } from '../targets/swarm/swarm-world.ts'

const runnerOf = ({ runs }: Target) => {
  if (!runs) throw new Error('nothing runs there')
  return runs
}

describe.skipIf(!labPossible())('on a Swarm', () => {
  runnerConformance('services at rest', async () => {
    const lab = await requireLab()
    const [world, other] = [1, 2].map(() => createSwarmWorld({ endpoint: lab.dockerHost }))
    if (!world || !other) throw new Error('two worlds')
    await other.observe()
    return {
      runner: runnerOf(world.target),
      another: runnerOf(other.target),
      agent: async (name, line) => {
        const image = { image: lab.registry.reference('app:1'), resolve: 'never', command: ['sh', '-c', line] }
        const wanted = wantedOf({ kind: 'Service', name, ...image, replicas: 0 })
        await world.reconcile([...[...world.record.values()].map(asWanted), wanted])
        await world.observe(wanted)
        return wanted
      },
      said: async (name) => {
        const id = (await world.target.runs?.list({ signal: neverAborted }))?.find((run) => run.id.endsWith(`/${name}`))
        await waitUntil('words of the run', async () => {
          const logs = await world.target.logs(
            `prod/Service/${name}-${id?.tick.replaceAll(/\D/g, '').slice(0, 12)}` as never,
            5,
            { signal: neverAborted },
          )
          return logs.length > 0
        })
      },
      runs: async (name) => {
        const listed = await docker(lab.dockerHost, ['ps', '--format', '{{.Names}}'])
        return listed.split('\n').some((container) => container.startsWith(`${name}-2026`))
      },
      dispose: () => lab.dispose(),
    }
  })
})

const asWanted = (recorded: Recorded) => ({
  ...recorded,
  after: [],
  origin: { path: 'apps/web/web.yaml', line: 1, column: 1 },
})

for (const kind of ['Unit', 'Program'] as const) {
  describe.skipIf(!hostsPossible())('on a host', () => {
    runnerConformance(kind === 'Unit' ? 'units at rest' : 'programs at rest', async () => {
      const hosts = await startHosts({ supervisord: kind === 'Program' })
      const world = programWorld(hosts)
      if (kind === 'Program') await world.ready()
      const [target, other] = [world.open(), world.open()]
      return {
        runner: runnerOf(target),
        another: runnerOf(other),
        agent: async (name, line) => {
          const command = `/bin/sh -c 'touch /tmp/said-${name}; ${line.replaceAll('%', kind === 'Unit' ? '%%' : '%%')}'`
          const file = `[program:${name}]\ncommand=${command}\nautostart=false\nautorestart=false\nstartsecs=0\n`
          const wanted =
            kind === 'Unit'
              ? onHost(
                  'Unit',
                  `${name}.service`,
                  unitOf(`${name}.service`, service(`ExecStart=${command}`), { state: 'stopped' }),
                )
              : programOf(name, file)
          await world.apply(target, create(wanted))
          return wanted
        },
        said: async (name) => {
          await waitUntil('the run', async () => (await world.sh('ls /tmp')).includes(`said-${name}`))
        },
        runs: async (name) => (await world.sh('ps ax -o args || :')).includes(`/tmp/said-${name};`),
        dispose: async () => {
          await world.dispose()
          await hosts.dispose()
        },
      }
    })
  })
}
