import type { JobSpec } from '../../kinds/job/spec.ts'
import type { NodeSpec } from '../../kinds/node/spec.ts'
import { nodeToWire } from '../../kinds/node/to-wire.ts'
import { apiNeeds } from '../../kinds/service/api-needs.ts'
import type { ServiceSpec } from '../../kinds/service/spec.ts'
import type { Reason } from '../../model/error.ts'
import { makeId, partsOf } from '../../model/id.ts'
import type { Change } from '../../model/plan.ts'
import type { Wanted } from '../../model/resource.ts'
import type { Unfit } from '../../model/target.ts'
import { hostnameOf } from './constraints.ts'
import type { SwarmFacts } from './facts.ts'
import { unfitNodes } from './node-fit.ts'
import type { WireNode } from './wire.ts'

/** Why these changes cannot work, found before anything is written: Swarm itself waits for ever (swarm.md 6). Pure. */
export function preflightChanges(changes: readonly Change[], now: SwarmFacts): readonly Unfit[] {
  const freed = freedBy(changes)
  const facts = { ...now, nodes: now.nodes.map((node) => nodeAfter(node, changes)) }
  return changes.flatMap((change) => {
    const service = serviceOf(change)
    if (!service) return because('TargetRefused', change, usedNetwork(change, { changes, facts }))
    const { to, spec } = service
    return [
      ...because('TargetRefused', change, tooNew(spec, facts.apiVersion)),
      ...because('DependencyNotReady', change, missingReferences(to, spec, { changes, facts })),
      ...because('Unschedulable', change, spec.suspended ? [] : unfitNodes(spec, facts.nodes)),
      ...because('Unschedulable', change, takenPorts(spec, { freed, facts, tasks: tasksOf(spec, change) })),
      ...because('DataChange', change, to.handling.movedFrom === undefined ? strandedData(spec, facts) : []),
    ]
  })
}

const because = (reason: Reason, { id }: Change, messages: readonly string[]): readonly Unfit[] =>
  messages.map((message) => ({ id, reason, message }))

/** What the engine would drop without a word would be sent again at every tick. */
function tooNew(spec: ServiceSpec, apiVersion: string): readonly string[] {
  return apiNeeds(spec)
    .filter(({ version }) => minorOf(version) > minorOf(apiVersion))
    .map(({ path, version }) => `${path} needs Engine API ${version}; this engine speaks ${apiVersion}`)
}

const minorOf = (version: string): number => Number(version.split('.')[1])

function serviceOf(change: Change): { readonly to: Wanted; readonly spec: ServiceSpec } | undefined {
  if (change.action !== 'create' && change.action !== 'update' && change.action !== 'replace') return undefined
  const { to } = change
  if (to.kind === 'Service') return { to, spec: to.spec as ServiceSpec }
  return to.kind === 'Job' ? { to, spec: (to.spec as JobSpec).service } : undefined
}

/** As this plan makes it: what gives a node its label may come with what asks for the label. */
function nodeAfter(node: WireNode, changes: readonly Change[]): WireNode {
  const change = changes.find(
    ({ id }) => partsOf(id).kind === 'Node' && partsOf(id).name === node.Description?.Hostname,
  )
  if (!change || !('to' in change)) return node
  return { ...node, Spec: nodeToWire(change.to.spec as NodeSpec, { live: node.Spec, stamp: {} }) }
}

/** Services whose ports are given up by this plan: pruned, replaced, or changed. */
function freedBy(changes: readonly Change[]): ReadonlySet<string> {
  const ids = changes.flatMap((change) => (change.action === 'replace' ? [change.id, ...change.frees] : [change.id]))
  return new Set(ids.map((id) => partsOf(id).name))
}

interface References {
  readonly changes: readonly Change[]
  readonly facts: SwarmFacts
}

/**
 * Swarm changes no network in place and removes none that is used (swarm.md 14, 15): one that services keep using would be
 * waited for in vain.
 */
function usedNetwork(change: Change, { changes, facts }: References): readonly string[] {
  const { kind, name } = partsOf(change.id)
  if (change.action !== 'replace' || kind !== 'Network') return []
  const leaves = (user: string): boolean =>
    changes.some((other) => {
      const service = serviceOf(other)
      return service?.spec.name === user && service.spec.networks.every((network) => network.name !== name)
    })
  const users = (facts.networkUsers.get(name) ?? []).filter((user) => !leaves(user))
  if (users.length === 0) return []
  const fields = change.diffs.map(({ path }) => path).join(', ')
  return [
    `${fields} would make network ${name} anew, and ${users.join(', ')} use it: declare a network of another name, and move them to it`,
  ]
}

/** External things that are not there. What the fleet itself declares comes before its users, also from another app. */
function missingReferences(to: Wanted, spec: ServiceSpec, { changes, facts }: References): readonly string[] {
  const { target } = partsOf(to.id)
  const coming = new Set([...to.after, ...changes.map((change) => change.id)])
  const missing = (kind: string, names: readonly string[], known: ReadonlyMap<string, string>): readonly string[] =>
    names
      .filter((name) => !known.has(name) && !coming.has(makeId({ target, kind, name })))
      .map((name) => `there is no ${kind.toLowerCase()} '${name}' on ${target}`)
  return [
    ...missing('Network', spec.networks.map(({ name }) => name).filter(isOfSwarm), facts.networks),
    ...missing(
      'Secret',
      spec.secrets.map(({ name }) => name),
      facts.secrets,
    ),
    ...missing(
      'Config',
      spec.configs.map(({ name }) => name),
      facts.configs,
    ),
  ]
}

/** Every node has these; the Swarm lists them not. */
const isOfSwarm = (network: string): boolean => network !== 'host' && network !== 'none' && network !== 'bridge'

interface Ports {
  readonly freed: ReadonlySet<string>
  readonly facts: SwarmFacts
  /** That have to have their port at the same time; undefined where the Swarm says how many there are. */
  readonly tasks: number | undefined
}

/** With start-first the new task has to find a place while all of the old ones still have theirs. */
function tasksOf(spec: ServiceSpec, change: Change): number | undefined {
  if (spec.suspended || spec.mode !== 'replicated' || typeof spec.replicas !== 'number') return undefined
  const restarts = change.action === 'update' && change.diffs.some(({ effect }) => effect === 'restart')
  return spec.replicas + (restarts && spec.update.order === 'start-first' ? 1 : 0)
}

/** A published port is one service's in the whole Swarm; of mode host, one's on each node (swarm.md 16). */
function takenPorts(spec: ServiceSpec, { freed, facts, tasks = 1 }: Ports): readonly string[] {
  return spec.ports.flatMap((port) => {
    if (port.published === undefined) return []
    const holders = (facts.ports.get(`${port.mode}/${port.protocol}/${port.published}`) ?? []).filter(
      (holder) => holder.service !== spec.name && !freed.has(holder.service),
    )
    const [first] = holders
    const label = `port ${port.published}/${port.protocol}`
    if (port.mode === 'ingress') return first ? [`${label} is taken by the service ${first.service}`] : []
    const taken = new Set(holders.flatMap((holder) => holder.nodes))
    const names = [...new Set(holders.map((holder) => holder.service))].join(', ')
    const left = facts.nodes.filter((node) => !taken.has(node.ID) && unfitNodes(spec, [node]).length === 0)
    if (left.length >= tasks || facts.nodes.every((node) => unfitNodes(spec, [node]).length > 0)) return []
    if (left.length === 0) return [`${label} is taken by ${names} on every node that it could run on`]
    const nodes = `${left.length} ${left.length === 1 ? 'node' : 'nodes'}`
    const rest = first ? `, beside ${names}` : ''
    const why = tasks > Number(spec.replicas) ? 'while one is replaced start-first, ' : ''
    return [
      `${label} of mode host is one task's on each node: ${why}${tasks} tasks need it, and ${nodes} could have it${rest}`,
    ]
  })
}

/** A local volume is there only where it was filled; anywhere else a task starts with an empty one (rule 12). */
function strandedData(spec: ServiceSpec, facts: SwarmFacts): readonly string[] {
  if (spec.suspended) return []
  return spec.mounts.flatMap((mount) => {
    const held = new Set(mount.type === 'volume' ? facts.volumes.get(mount.source ?? '') : [])
    const nodes = facts.nodes.filter((node) => held.has(node.ID))
    if (nodes.length === 0 || nodes.some((node) => unfitNodes(spec, [node]).length === 0)) return []
    const where = nodes.map(hostnameOf).join(', ')
    return [
      `the data of volume '${mount.source}' is on ${where}, where it could not run: elsewhere it would start empty`,
    ]
  })
}
