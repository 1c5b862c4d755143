// npm run bench:webhook [-- --resources 1000]: how long it takes from a webhook to the first pending status of a merge, and
// to the comment with the plan of a pull request, for a fleet of a thousand services on a real Swarm, on loopback.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startLab } from '../lab/lab.mjs'
import { launchSoaked } from '../soak/launch.ts'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'
import type { WrittenFile } from '../support/live-fleet.ts'

const TIMES = 7
const PER_APP = 20

const { values } = parseArgs({ options: { resources: { type: 'string' } } })
const resources = Number(values.resources ?? 1000)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const lab = await startLab({ say })
if (lab.missing) throw new Error(`the bench needs a lab: ${lab.missing}`)
const image = lab.registry.reference('app:1')
// A process of its own, as it is in life: what is measured is not what GitHub's stub and git do beside it.
const daemon = await createLiveDaemon(lab, 'bench', {
  settings: 'parallelApps: 16',
  pollInterval: '60s',
  launch: (file) => launchSoaked(file, { speed: 1, logFile: join(lab.dir, 'bench.log') }),
})
try {
  const first = await daemon.fleet.commit(fleetOf(resources))
  await daemon.start()
  await until('everything is proven', () => isProven(daemon, first), 900_000)
  say(`${resources} services in ${resources / PER_APP} apps are proven`)
  const pending: number[] = []
  const planned: number[] = []
  for (let time = 1; time <= TIMES; time += 1) {
    pending.push(await pendingAfter(time))
    planned.push(await plannedAfter(time))
    say(`${time}: pending after ${pending.at(-1)} ms, plan after ${planned.at(-1)} ms`)
  }
  say(`webhook_to_pending=${median(pending)}ms webhook_to_plan=${median(planned)}ms resources=${resources}`)
} finally {
  await daemon.dispose()
  await lab.dispose()
}

function fleetOf(count: number): Readonly<Record<string, WrittenFile>> {
  const apps = Array.from({ length: count / PER_APP }, (_, app) => app)
  return Object.fromEntries(apps.map((app) => [`apps/app-${app}/services.yaml`, servicesOf(app, 0)]))
}

/** At rest: what is measured is ours, not the engine's. */
function servicesOf(app: number, note: number): WrittenFile {
  return Array.from({ length: PER_APP }, (_, index) => ({
    kind: 'Service',
    name: `app-${app}-${index}`,
    image,
    replicas: 0,
    env: { NOTE: index === 0 ? String(note) : '0' },
    keeper: { stableFor: '0s', bake: '1s' },
  }))
}

async function pendingAfter(time: number): Promise<number> {
  const sha = await daemon.fleet.commit({ [`apps/app-${time}/services.yaml`]: servicesOf(time, time) })
  const begun = performance.now()
  daemon.github.world.pushTo('main', sha)
  await until('pending', () => daemon.github.world.statuses.some((status) => status.sha === sha))
  const took = Math.round(performance.now() - begun)
  await until('over', () => Object.values(daemon.statuses(sha)).every((said) => !said.startsWith('pending')), 120_000)
  return took
}

async function plannedAfter(time: number): Promise<number> {
  const before = performance.now()
  const pull = await daemon.open({ [`apps/app-${time}/services.yaml`]: servicesOf(time, 1000 + time) })
  const opened = performance.now()
  await until('the plan', () => daemon.comments(pull).length > 0)
  // Opening it in the stub is the last thing that `open` does.
  return Math.round(performance.now() - Math.max(before, opened))
}

/** By what GitHub was told of the first revision. */
function isProven({ github }: LiveDaemon, sha: string): boolean {
  return github.world.statusesOf(sha)['swarmkeeper/bench/apply']?.state === 'success'
}

async function until(what: string, holds: () => boolean, withinMs = 30_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`)
    await new Promise((wake) => setTimeout(wake, 5))
  }
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN
}
