import { configFromWire } from '../../kinds/config/from-wire.ts'
import { jobFromWire } from '../../kinds/job/from-wire.ts'
import { RUN_KEY_LABEL, type WireLabels } from '../../kinds/labels.ts'
import { networkFromWire } from '../../kinds/network/from-wire.ts'
import { nodeFromWire } from '../../kinds/node/from-wire.ts'
import { secretFromWire } from '../../kinds/secret/from-wire.ts'
import { serviceFromWire } from '../../kinds/service/from-wire.ts'
import { makeId, partsOf, type ResourceId } from '../../model/id.ts'
import type { Health, Observed } from '../../model/live.ts'
import type { TargetRecord } from '../../model/target.ts'
import { hostnameOf, isActive, matchesConstraint, matchesPlatform } from './constraints.ts'
import { healthOfService } from './health.ts'
import type { SwarmIndex } from './index-listing.ts'
import { healthOfJob, isJobMode } from './job-health.ts'
import { type Rows, rowsOf } from './listing.ts'
import { recordName } from './record.ts'
import { isStampedBy, ownerOf, TEMPORARY } from './stamp.ts'
import type { WireNode, WireService, WireTask } from './wire.ts'

export interface ObserveContext {
  readonly target: string
  readonly install: string
  readonly index: SwarmIndex
  readonly record: TargetRecord | undefined
}

/** Wanted things, and whatever else is ours by stamp or record: that is how a lost database is rebuilt (rule 8). */
export function observeAll(wanted: readonly ResourceId[], context: ObserveContext): ReadonlyMap<ResourceId, Observed> {
  const recorded = Object.keys(context.record?.unstamped ?? {}) as ResourceId[]
  const ours = [...recorded.filter((id) => partsOf(id).target === context.target), ...stampedIds(context)]
  const of = new Map<ResourceId, Observed>()
  for (const id of wanted) of.set(id, observeOne(id, context))
  for (const id of ours) {
    if (of.has(id) || !wasLookedAt(id, context.index)) continue
    const observed = observeOne(id, context)
    if (observed.state === 'present') of.set(id, observed)
  }
  return of
}

/** After a look at a few services nothing is known of the tasks of others. */
function wasLookedAt(id: ResourceId, { listing, services }: SwarmIndex): boolean {
  const { kind, name } = partsOf(id)
  if (!listing.tasksOf || (kind !== 'Service' && kind !== 'Job')) return true
  return listing.tasksOf.has(services.get(name)?.ID ?? '')
}

function stampedIds({ target, install, index }: ObserveContext): readonly ResourceId[] {
  const { listing } = index
  const ids = <T>(
    kind: string,
    rows: Rows<T>,
    of: (row: T) => { name?: string | null | undefined; labels: WireLabels },
  ) =>
    rowsOf(rows).flatMap((row) => {
      const { name, labels } = of(row)
      return name && isStampedBy(install, labels) ? [makeId({ target, kind, name })] : []
    })
  return [
    ...rowsOf(listing.services).flatMap(({ Spec: { Name: name, Labels: labels } }) =>
      name && isStampedBy(install, labels) && labels?.[TEMPORARY] === undefined
        ? [makeId({ target, kind: labels?.[RUN_KEY_LABEL] === undefined ? 'Service' : 'Job', name })]
        : [],
    ),
    ...ids('Secret', listing.secrets, ({ Spec }) => ({ name: Spec.Name, labels: Spec.Labels })),
    ...ids('Config', { rows: listing.configs }, ({ Spec }) => ({ name: Spec.Name, labels: Spec.Labels })),
    ...ids('Network', listing.networks, (network) => ({ name: network.Name, labels: network.Labels })),
    ...ids('Node', listing.nodes, (node) => ({ name: node.Description?.Hostname, labels: node.Spec.Labels })),
  ].filter((id) => partsOf(id).name !== recordName(install))
}

interface Present {
  readonly live: unknown
  readonly labels: WireLabels
  readonly health: Health
  readonly version: string
  readonly stampless?: true
  readonly on?: readonly string[]
}

function observeOne(id: ResourceId, context: ObserveContext): Observed {
  const { kind, name } = partsOf(id)
  const found = look(kind, name, context)
  if (found === undefined) return { state: 'absent' }
  if ('unknown' in found) return { state: 'unknown', reason: found.unknown }
  const { live, labels, health, version, stampless = false, on } = found
  const owner = ownerOf({ id, labels, stampless }, context.install, context.record)
  return { state: 'present', live, owner, health, version, ...(on ? { on } : {}) }
}

type Found = Present | { readonly unknown: string } | undefined

const HEALTHY: Health = { status: 'healthy' }

function look(kind: string, name: string, context: ObserveContext): Found {
  const { index } = context
  switch (kind) {
    case 'Service':
    case 'Job':
      return lookAtService(kind, index.services.get(name), context)
    case 'Node':
      return lookAtNode(name, index)
    case 'Network': {
      const wire = index.networks.get(name)
      if (!wire) return missing(index.listing.networks)
      return { live: networkFromWire(wire), labels: wire.Labels, health: HEALTHY, version: wire.Id, stampless: true }
    }
    case 'Secret': {
      const wire = index.secrets.get(name)
      if (!wire) return missing(index.listing.secrets)
      return { live: secretFromWire(wire.Spec), labels: wire.Spec.Labels, health: HEALTHY, version: versionOf(wire) }
    }
    case 'Config': {
      const wire = index.configs.get(name)
      if (!wire) return undefined
      return { live: configFromWire(wire.Spec), labels: wire.Spec.Labels, health: HEALTHY, version: versionOf(wire) }
    }
    default:
      return { unknown: `a Swarm knows no ${kind}` }
  }
}

/** Not in a list: absent, unless the list itself is missing. */
const missing = (rows: Rows<unknown>): Found => ('failed' in rows ? { unknown: rows.failed.message } : undefined)

const versionOf = (wire: { readonly Version: { readonly Index: number } }): string => String(wire.Version.Index)

function lookAtService(kind: 'Service' | 'Job', wire: WireService | undefined, { index }: ObserveContext): Found {
  const { services, tasks, networks } = index.listing
  if (!wire) return missing(services)
  const blind = [tasks, networks].find((rows) => 'failed' in rows)
  if (blind) return missing(blind)
  const input = { service: wire, tasks: index.tasks.get(wire.ID) ?? [], eligibleNodes: eligibleNodes(wire, index) }
  const common = { labels: wire.Spec.Labels, version: versionOf(wire), on: nodesOf(input.tasks, index) }
  return kind === 'Job'
    ? { ...common, live: jobFromWire(wire.Spec, index.names), health: healthOfJob(input), stampless: true }
    : {
        ...common,
        live: serviceFromWire(wire.Spec, index.names),
        ...(isJobMode(wire)
          ? { health: healthOfJob(input), stampless: true as const }
          : { health: healthOfService(input) }),
      }
}

/** Where its data is, if it keeps any: the nodes of what runs, and where nothing does, of what ran last. */
function nodesOf(tasks: readonly WireTask[], { listing }: SwarmIndex): readonly string[] {
  const placed = tasks.filter((task) => task.NodeID)
  const running = placed.filter((task) => task.Status?.State === 'running')
  const newest = placed
    .map((task) => task.CreatedAt ?? '')
    .sort()
    .at(-1)
  const those = running.length > 0 ? running : placed.filter((task) => (task.CreatedAt ?? '') === newest)
  const ids = new Set(those.map((task) => task.NodeID))
  return rowsOf(listing.nodes)
    .filter((node) => ids.has(node.ID))
    .map(hostnameOf)
    .sort()
}

function eligibleNodes({ Spec }: WireService, { listing }: SwarmIndex): number {
  const placement = Spec.TaskTemplate?.Placement
  const platforms = (placement?.Platforms ?? []).map(({ Architecture, OS }) => ({
    architecture: Architecture ?? '',
    os: OS ?? '',
  }))
  const constraints = placement?.Constraints ?? []
  return rowsOf(listing.nodes).filter(
    (node) =>
      isActive(node) &&
      matchesPlatform(node, platforms) &&
      constraints.every((constraint) => matchesConstraint(node, constraint)),
  ).length
}

function lookAtNode(name: string, { nodes, listing }: SwarmIndex): Found {
  const all = nodes.get(name) ?? []
  const up = all.filter((node) => node.Status?.State === 'ready')
  const [node, another] = up.length > 0 ? up : all
  if (!node) return missing(listing.nodes)
  if (another) return { unknown: `${all.length} nodes of this Swarm are called ${name}: give each host its own name` }
  const live = nodeFromWire(node)
  return { live, labels: node.Spec.Labels, health: healthOfNode(node), version: versionOf(node) }
}

function healthOfNode(node: WireNode): Health {
  const state = node.Status?.State ?? 'unknown'
  if (state === 'ready') return { ...HEALTHY, instance: node.ID }
  return {
    status: 'degraded',
    message: `${hostnameOf(node)} is ${state}: ${node.Status?.Message ?? ''}`,
    instance: node.ID,
  }
}
