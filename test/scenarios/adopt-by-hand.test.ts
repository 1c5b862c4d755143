import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createLiveFleet, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

type Fields = Readonly<Record<string, unknown>>

/** Words of `docker service create`, and the fields of the document that mean the same. */
const BY_HAND: Readonly<Record<string, readonly [string, Fields]>> = {
  plain: ['', {}],
  init: ['--init', { init: true }],
  environment: ['-e A=1 -e B=', { env: { A: 1, B: '' } }],
  labels: ['-l c=d -l e --container-label a=b', { labels: { c: 'd', e: '' }, containerLabels: { a: 'b' } }],
  capabilities: ['--cap-add NET_ADMIN --cap-drop ALL', { capAdd: ['NET_ADMIN'], capDrop: ['ALL'] }],
  placement: [
    '--constraint node.role==manager --placement-pref spread=node.labels.dc --replicas-max-per-node 2',
    { constraints: ['node.role == manager'], spread: ['node.labels.dc'], maxReplicasPerNode: 2 },
  ],
  names: [
    '--dns 1.1.1.1 --dns-option ndots:2 --host db:10.0.0.5 --hostname h',
    { dns: { nameservers: ['1.1.1.1'], options: ['ndots:2'] }, hosts: { db: '10.0.0.5' }, hostname: 'h' },
  ],
  health: ['--health-cmd true --health-interval 5s', { healthcheck: { test: 'true', interval: '5s' } }],
  unhealthy: ['--no-healthcheck', { healthcheck: { disable: true } }],
  limits: [
    '--limit-cpu 0.5 --limit-memory 64M --limit-pids 100 --reserve-memory 32M',
    { resources: { limits: { cpus: 0.5, memory: '64M', pids: 100 }, reservations: { memory: '32M' } } },
  ],
  mounts: [
    '--mount type=bind,source=/tmp/,target=/b/,ro --mount type=volume,target=/v --mount type=tmpfs,target=/t,tmpfs-size=1m',
    { mounts: ['/tmp:/b:ro', '/v', { type: 'tmpfs', target: '/t', size: '1m' }] },
  ],
  ports: [
    '-p 18080:80 -p 18081:81/udp -p mode=host,published=18082,target=82',
    { ports: ['18080:80', '18081:81/udp', { target: 82, published: 18082, mode: 'host' }] },
  ],
  resolution: ['--endpoint-mode dnsrr', { endpointMode: 'dnsrr' }],
  restart: [
    '--restart-condition on-failure --restart-max-attempts 3 --restart-window 10s',
    { restart: { condition: 'on-failure', maxAttempts: 3, window: '10s' } },
  ],
  policies: [
    '--update-parallelism 0 --update-order start-first --rollback-monitor 7s',
    { update: { parallelism: 0, order: 'start-first' }, rollback: { monitor: '7s' } },
  ],
  process: [
    '--read-only -t -u 1:1 -w /tmp --stop-signal SIGTERM --stop-grace-period 30s',
    { readOnly: true, tty: true, user: '1:1', workingDir: '/tmp', stopSignal: 'SIGTERM', stopGracePeriod: '30s' },
  ],
  kernel: [
    '--sysctl net.ipv4.ip_forward=1 --ulimit nofile=10:20',
    { sysctls: { 'net.ipv4.ip_forward': 1 }, ulimits: { nofile: { soft: 10, hard: 20 } } },
  ],
  logging: [
    '--log-driver json-file --log-opt max-size=1m',
    { logging: { driver: 'json-file', options: { 'max-size': '1m' } } },
  ],
}

const NAMES = Object.keys(BY_HAND)

describe.skipIf(!labPossible())('what was made by hand with the Docker CLI', () => {
  let lab: Lab
  let fleet: LiveFleet

  beforeAll(async () => {
    lab = await requireLab()
    fleet = await createLiveFleet(lab, 'by-hand')
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  const specOf = async (name: string) => (await lab.engine.call('GET', `/services/${name}`)).Spec
  const specs = () => Promise.all(NAMES.map(specOf))

  it('is adopted as it is: the stamp is all that differs', async () => {
    for (const name of NAMES) await create(lab, name)
    const before = await specs()
    const outcome = await fleet.ship('made', { 'apps/made/made.yaml': NAMES.map((name) => documentOf(lab, name)) })
    const steps = outcome.steps.map(({ action, step }) => `${action} ${step}`)
    expect({ message: outcome.message, steps }).toMatchObject({ steps: NAMES.map(() => 'adopt applied') })
    expect((await specs()).map(withoutStamp)).toEqual(before.map(withoutStamp))
  })
})

/** At rest: what its task would do is not the question. */
async function create(lab: Lab, name: string): Promise<void> {
  const words = (BY_HAND[name]?.[0] ?? '').split(' ').filter((word) => word !== '')
  const options = ['--detach', '--quiet', '--replicas', '0', '--name', name]
  const env = { ...process.env, DOCKER_HOST: lab.dockerHost }
  const image = lab.registry.reference('app:1')
  await promisify(execFile)('docker', ['service', 'create', ...options, ...words, image], { env, timeout: 30_000 })
}

function documentOf(lab: Lab, name: string): WrittenDocument {
  const keeper = { adopt: true, stableFor: '0s', bake: '0s' }
  return { kind: 'Service', name, image: lab.registry.reference('app:1'), replicas: 0, ...BY_HAND[name]?.[1], keeper }
}

function withoutStamp(spec: { readonly Labels?: Readonly<Record<string, string>> }) {
  const labels = Object.entries(spec.Labels ?? {}).filter(([key]) => !key.startsWith('swarmkeeper.'))
  return { ...spec, Labels: Object.fromEntries(labels) }
}
