import { matchesName } from './filters.ts'
import type { Reply, Request } from './http.ts'
import { notFound, outOfSequence, Refusal } from './refusal.ts'
import type { SwarmNode } from './wire.ts'
import { created, find, touch, type World } from './world.ts'

export interface NodeWish {
  readonly hostname: string
  readonly role?: 'manager' | 'worker'
  readonly labels?: Readonly<Record<string, string>>
  readonly engineLabels?: Readonly<Record<string, string>>
  readonly cpus?: number
  readonly memoryBytes?: number
}

export function addNode(world: World, wish: NodeWish): SwarmNode {
  const address = `192.0.2.${world.nodes.size + 1}`
  const role = wish.role ?? (world.nodes.size === 0 ? 'manager' : 'worker')
  const node: SwarmNode = {
    ...created(world),
    Spec: { Labels: wish.labels ?? {}, Role: role, Availability: 'active' },
    Description: {
      Hostname: wish.hostname,
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: { NanoCPUs: (wish.cpus ?? 2) * 1e9, MemoryBytes: wish.memoryBytes ?? 8 * 1024 ** 3 },
      Engine: { EngineVersion: '29.0.0', ...(wish.engineLabels === undefined ? {} : { Labels: wish.engineLabels }) },
    },
    Status: { State: 'ready', Addr: address },
    ...(role === 'worker'
      ? {}
      : { ManagerStatus: { Leader: world.nodes.size === 0, Reachability: 'reachable', Addr: `${address}:2377` } }),
  }
  world.nodes.set(node.ID, node)
  return node
}

export function updateNode(world: World, { body, key, query }: Request): Reply {
  const node = nodeOf(world, key)
  const version = query.get('version') ?? ''
  if (!/^\d+$/.test(version)) {
    throw new Refusal(400, `invalid node version '${version}': strconv.ParseUint: parsing "${version}": invalid syntax`)
  }
  if (Number(version) !== node.Version.Index) throw outOfSequence()
  const sent = body as Partial<SwarmNode['Spec']>
  node.Spec = { Labels: sent.Labels ?? {}, Role: sent.Role ?? 'worker', Availability: sent.Availability ?? 'active' }
  touch(world, node)
  return { status: 200 }
}

export function inspectNode(world: World, { key }: Request): Reply {
  return { status: 200, value: nodeOf(world, key) }
}

export function listNodes(world: World, { filters }: Request): Reply {
  const wanted = filters(['id', 'label', 'membership', 'name', 'node.label', 'role'])
  const nodes = [...world.nodes.values()].filter((node) =>
    matchesName(wanted, { id: node.ID, name: node.Description.Hostname, labels: node.Spec.Labels }),
  )
  return { status: 200, value: nodes }
}

function nodeOf(world: World, key: string): SwarmNode {
  const node = find(world.nodes, key, ({ Description }) => Description.Hostname)
  if (node === undefined) throw notFound('node', key)
  return node
}
