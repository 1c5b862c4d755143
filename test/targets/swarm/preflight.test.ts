import { describe, expect, it } from 'vitest'
import { matchesConstraint, matchesPlatform } from '../../../src/targets/swarm/constraints.ts'
import type { SwarmFacts } from '../../../src/targets/swarm/facts.ts'
import { preflightChanges } from '../../../src/targets/swarm/preflight.ts'
import type { WireNode } from '../../../src/targets/swarm/wire.ts'
import { create, prune, replace, update } from '../../support/changes.ts'
import { idOf, type WantedOptions, wantedOf } from './swarm-world.ts'

const node = (name: string, fields: Partial<WireNode> = {}): WireNode => ({
  ID: `id-${name}`,
  Version: { Index: 1 },
  Spec: { Role: 'worker', Availability: 'active', Labels: { disk: 'ssd' } },
  Description: {
    Hostname: name,
    Platform: { Architecture: 'x86_64', OS: 'linux' },
    Resources: {
      NanoCPUs: 2e9,
      MemoryBytes: 4 * 1024 ** 3,
      GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 1 } }],
    },
    Engine: { Labels: { zone: 'a' } },
  },
  Status: { State: 'ready', Addr: '10.0.0.5' },
  ...fields,
})

const facts = (fields: Partial<SwarmFacts> = {}): SwarmFacts => ({
  apiVersion: '1.50',
  nodes: [node('n1'), node('n2')],
  ports: new Map(),
  volumes: new Map(),
  networks: new Map(),
  networkUsers: new Map(),
  secrets: new Map(),
  configs: new Map(),
  ...fields,
})

const service = (fields: object = {}, options?: WantedOptions) =>
  wantedOf({ kind: 'Service', name: 'web', image: 'app:1', ...fields }, options)

const messages = (changes: Parameters<typeof preflightChanges>[0], known = facts()) =>
  preflightChanges(changes, known).map(({ message }) => message)

describe('constraints, as the scheduler of Swarm judges them', () => {
  it.each([
    ['node.role == worker', true],
    ['node.role==WORKER', true],
    ['node.role != manager', true],
    ['node.hostname == n1', true],
    ['node.id == id-n1', true],
    ['node.platform.os == linux', true],
    ['node.platform.arch == x86_64', true],
    ['node.labels.disk == ssd', true],
    ['node.labels.Disk == ssd', false],
    ['node.labels.rack != r1', true],
    ['node.labels.rack == r1', false],
    ['engine.labels.zone == a', true],
    ['node.ip == 10.0.0.0/24', true],
    ['node.ip != 10.0.0.0/24', false],
    ['node.ip == 10.0.0.6', false],
    ['node.color == red', false],
    ['node.color != red', false],
    ['nonsense', false],
  ])('%s: %s', (constraint, matches) => {
    expect(matchesConstraint(node('n1'), constraint)).toBe(matches)
  })

  it('knows x86_64 and amd64 as one', () => {
    expect(matchesPlatform(node('n1'), [{ architecture: 'amd64', os: 'linux' }])).toBe(true)
    expect(matchesPlatform(node('n1'), [{ architecture: 'arm64', os: 'linux' }])).toBe(false)
    expect(matchesPlatform(node('n1'), [{ architecture: '', os: 'linux' }])).toBe(true)
  })
})

describe('pre-flight', () => {
  it.each([
    ['DependencyNotReady', { networks: ['front'] }, {}],
    ['Unschedulable', { constraints: ['node.labels.disk == none'] }, {}],
    [
      'Unschedulable',
      { ports: ['80:80'] },
      { ports: new Map([['ingress/tcp/80', [{ service: 'other', nodes: [] }]]]) },
    ],
  ])('gives the reason %s for %j', (reason, fields, known) => {
    const spec = service(fields, { known: [wantedOf({ kind: 'Network', name: 'front' })] })
    expect(preflightChanges([create(spec)], facts(known)).map((unfit) => unfit.reason)).toEqual([reason])
  })

  it('finds nothing wrong with what can run', () => {
    expect(messages([create(service({ constraints: ['node.labels.disk == ssd'] }))])).toEqual([])
  })

  it('names the nodes and what each lacks', () => {
    const changes = [create(service({ constraints: ['node.labels.disk == nvme'] }))]
    expect(messages(changes)).toEqual([
      'no node can run it: n1 (does not match node.labels.disk == nvme), n2 (does not match node.labels.disk == nvme)',
    ])
  })

  it('sees that each node lacks something else', () => {
    const nodes = [
      node('n1', { Spec: { Role: 'manager', Labels: { disk: 'ssd' } } }),
      node('n2', { Spec: { Role: 'worker' } }),
    ]
    const changes = [create(service({ constraints: ['node.role == worker', 'node.labels.disk == ssd'] }))]
    expect(messages(changes, facts({ nodes }))).toEqual([
      'no node can run it: n1 (does not match node.role == worker), n2 (does not match node.labels.disk == ssd)',
    ])
  })

  it('asks only nodes that take tasks', () => {
    const nodes = [node('n1', { Spec: { Availability: 'drain' } }), node('n2', { Status: { State: 'down' } })]
    expect(messages([create(service())], facts({ nodes }))).toEqual(['no node takes tasks: n1 is drain, n2 is down'])
  })

  it.each([
    [{ cpus: 8 }, 'has 2 CPUs, 8 are reserved'],
    [{ memory: '16GiB' }, 'has 4 GiB of memory, 16 GiB are reserved'],
    [{ generic: { gpu: 2 } }, 'has 1 of gpu, 2 are reserved'],
  ])('compares reservations %o with what a node has', (reservations, why) => {
    expect(messages([create(service({ resources: { reservations } }))])).toEqual([
      `no node can run it: n1 (${why}), n2 (${why})`,
    ])
  })

  it('counts a node as this plan makes it', () => {
    const raid = service({ constraints: ['node.labels.disk == raid'] })
    const labelled = wantedOf({ kind: 'Node', name: 'n2', labels: { disk: 'raid' } })
    expect(messages([create(raid)])).toHaveLength(1)
    expect(messages([create(raid), update(labelled)])).toEqual([])
    const drained = wantedOf({ kind: 'Node', name: 'n2', labels: { disk: 'raid' }, availability: 'drain' })
    expect(messages([create(raid), update(drained)])).toHaveLength(1)
  })

  it('makes no network anew while services keep using it (swarm.md 15)', () => {
    const ring = wantedOf({ kind: 'Network', name: 'ring', attachable: true })
    const known = facts({ networks: new Map([['ring', 'id']]), networkUsers: new Map([['ring', ['web', 'other']]]) })
    const moved = update(service())
    expect(messages([replace(ring)], known)).toEqual([expect.stringContaining('web, other use it')])
    expect(messages([replace(ring), moved], known)).toEqual([expect.stringContaining('and other use it')])
    expect(messages([replace(ring)], facts())).toEqual([])
  })

  it('compares the platforms of an image with those of the nodes', () => {
    const wanted = service()
    const pin = { digest: `sha256:${'a'.repeat(64)}`, platforms: [{ architecture: 'arm64', os: 'linux' }] }
    const pinned = { ...wanted, spec: { ...(wanted.spec as object), pin } }
    expect(messages([create(pinned)])[0]).toContain('n1 (is linux/x86_64, the image is for linux/arm64)')
  })

  it('knows who holds a published port, unless this plan frees it (swarm.md 16)', () => {
    const known = facts({ ports: new Map([['ingress/tcp/8080', [{ service: 'old', nodes: [] }]]]) })
    const web = service({ ports: ['8080:80'] })
    const old = wantedOf({ kind: 'Service', name: 'old', image: 'app:1' })
    expect(messages([create(web)], known)).toEqual(['port 8080/tcp is taken by the service old'])
    expect(messages([create(service({ ports: ['8080:80/udp'] }))], known)).toEqual([])
    expect(messages([replace(web, old.id)], known)).toEqual([])
    expect(messages([create(web), prune(old)], known)).toEqual([])
    const mine = facts({ ports: new Map([['ingress/tcp/8080', [{ service: 'web', nodes: [] }]]]) })
    expect(messages([update(web)], mine)).toEqual([])
  })

  it('asks for a port of mode host on the nodes that are left', () => {
    const web = service({ ports: [{ target: 80, published: 8080, mode: 'host' }] })
    const held = (...nodes: string[]) => facts({ ports: new Map([['host/tcp/8080', [{ service: 'old', nodes }]]]) })
    expect(messages([create(web)], held('id-n1'))).toEqual([])
    expect(messages([create(web)], held('id-n1', 'id-n2'))).toEqual([
      'port 8080/tcp is taken by old on every node that it could run on',
    ])
  })

  it('a port of mode host is one of each node: no more tasks than nodes can have it', () => {
    const web = (replicas: number, order = 'stop-first') =>
      service({ replicas, update: { order }, ports: [{ target: 80, published: 8080, mode: 'host' }] })
    const why = (tasks: number, nodes: number) =>
      `port 8080/tcp of mode host is one task's on each node: ${tasks} tasks need it, and ${nodes === 1 ? '1 node' : `${nodes} nodes`} could have it`
    expect(messages([create(web(2))])).toEqual([])
    expect(messages([create(web(3))])).toEqual([why(3, 2)])
    const held = facts({ ports: new Map([['host/tcp/8080', [{ service: 'old', nodes: ['id-n1'] }]]]) })
    expect(messages([create(web(2))], held)).toEqual([`${why(2, 1)}, beside old`])
    expect(messages([create(web(2, 'start-first'))])).toEqual([])
    const diffs = [{ path: '/image', from: 'app:1', to: 'app:2', effect: 'restart' }] as const
    expect(messages([{ ...update(web(2, 'start-first')), diffs }])).toEqual([
      "port 8080/tcp of mode host is one task's on each node: while one is replaced start-first, 3 tasks need it, and 2 nodes could have it",
    ])
    expect(messages([{ ...update(web(2)), diffs }])).toEqual([])
    const global = service({ mode: 'global', ports: [{ target: 80, published: 8080, mode: 'host' }] })
    expect(messages([create(global)])).toEqual([])
  })

  it('does not let a service leave the node that its local volume is on', () => {
    const known = facts({ volumes: new Map([['data', ['id-n1']]]) })
    const web = (hostname: string) =>
      service({ mounts: ['data:/var/lib/data'], constraints: [`node.hostname == ${hostname}`] })
    expect(messages([update(web('n1'))], known)).toEqual([])
    expect(messages([update(web('n2'))], known)).toEqual([
      "the data of volume 'data' is on n1, where it could not run: elsewhere it would start empty",
    ])
    expect(messages([create(web('n2'))])).toEqual([])
  })

  it('misses external things that are not there, and nothing that the fleet itself makes', () => {
    const net = wantedOf({ kind: 'Network', name: 'front' })
    const web = service({ networks: ['front'] }, { known: [net] })
    expect(messages([create(web)])).toEqual(["there is no network 'front' on prod"])
    expect(messages([create(net), create(web)])).toEqual([])
    expect(messages([create({ ...web, after: [idOf('Network', 'front')] })])).toEqual([])
    expect(messages([create(web)], facts({ networks: new Map([['front', 'x']]) }))).toEqual([])
  })
})

it('a field that this engine would drop without a word is refused', () => {
  const wanted = service({ healthcheck: { test: ['CMD', 'true'], startInterval: '1s' } })
  const create = { action: 'create', id: wanted.id, cause: 'revision', diffs: [], to: wanted } as const
  expect(messages([create], facts({ apiVersion: '1.41' }))).toEqual([
    '/healthcheck/startInterval needs Engine API 1.44; this engine speaks 1.41',
  ])
  expect(messages([create])).toEqual([])
})
