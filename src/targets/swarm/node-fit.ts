import type { Resources, ServiceSpec } from '../../kinds/service/spec.ts'
import { hostnameOf, isActive, matchesConstraint, matchesPlatform } from './constraints.ts'
import type { WireNode } from './wire.ts'

/**
 * Why no node can run this, by what a node is and has; empty where one can. What other tasks have reserved is not
 * counted: that changes by the minute, and is what the deadline is for.
 */
export function unfitNodes(spec: ServiceSpec, nodes: readonly WireNode[]): readonly string[] {
  const active = nodes.filter(isActive)
  if (active.length === 0) return nodes.length === 0 ? [] : [`no node takes tasks: ${nodes.map(stateOf).join(', ')}`]
  for (const step of stepsOf(spec)) {
    const failed = active.map((node) => ({ node, why: step(node) }))
    if (failed.every(({ why }) => why !== undefined)) return [describe(failed)]
  }
  const all = active.map((node) => ({ node, why: firstOf(stepsOf(spec), node) }))
  return all.every(({ why }) => why !== undefined) ? [describe(all)] : []
}

type Step = (node: WireNode) => string | undefined

const stateOf = (node: WireNode): string =>
  `${hostnameOf(node)} is ${node.Status?.State === 'ready' ? node.Spec.Availability : (node.Status?.State ?? 'unknown')}`

const firstOf = (steps: readonly Step[], node: WireNode): string | undefined => {
  for (const step of steps) {
    const why = step(node)
    if (why !== undefined) return why
  }
  return undefined
}

/** `no node can run it: n1 (lacks node.labels.disk==ssd), n2 (has 2 CPUs, 8 are reserved)` */
function describe(failed: readonly { readonly node: WireNode; readonly why: string | undefined }[]): string {
  return `no node can run it: ${failed.map(({ node, why }) => `${hostnameOf(node)} (${why})`).join(', ')}`
}

function stepsOf(spec: ServiceSpec): readonly Step[] {
  const platforms = spec.platforms ?? spec.pin?.platforms ?? []
  return [
    ...spec.constraints.map(
      (constraint): Step =>
        (node) =>
          matchesConstraint(node, constraint) ? undefined : `does not match ${constraint}`,
    ),
    (node) => (matchesPlatform(node, platforms.map(plainArm)) ? undefined : platformMessage(node, platforms)),
    ...resourceSteps(spec.resources),
  ]
}

/** Nodes say `armv7l` where manifests say `arm`: any architecture then (swarm.md 1). */
const plainArm = (platform: { readonly architecture: string; readonly os: string }) =>
  platform.architecture === 'arm' ? { ...platform, architecture: '' } : platform

function platformMessage(
  node: WireNode,
  platforms: readonly { readonly architecture: string; readonly os: string }[],
): string {
  const { Architecture = '?', OS = '?' } = node.Description?.Platform ?? {}
  return `is ${OS}/${Architecture}, the image is for ${platforms.map((p) => `${p.os}/${p.architecture}`).join(', ')}`
}

const GIB = 1024 ** 3

function resourceSteps({ reservations }: Resources): readonly Step[] {
  const { cpus = 0, memory = 0, generic } = reservations
  return [
    (node) => {
      const has = (node.Description?.Resources?.NanoCPUs ?? 0) / 1e9
      return cpus > has ? `has ${has} CPUs, ${cpus} are reserved` : undefined
    },
    (node) => {
      const has = node.Description?.Resources?.MemoryBytes ?? 0
      return memory > has ? `has ${gib(has)} of memory, ${gib(memory)} are reserved` : undefined
    },
    ...Object.entries(generic).map(([kind, value]): Step => {
      const asked = typeof value === 'number' ? value : value.length
      return (node) => {
        const has = genericOf(node, kind)
        return asked > has ? `has ${has} of ${kind}, ${asked} are reserved` : undefined
      }
    }),
  ]
}

const gib = (bytes: number): string => `${Math.round((bytes / GIB) * 10) / 10} GiB`

function genericOf(node: WireNode, kind: string): number {
  let count = 0
  for (const { DiscreteResourceSpec: discrete, NamedResourceSpec: named } of node.Description?.Resources
    ?.GenericResources ?? []) {
    if (discrete?.Kind === kind) count += discrete.Value ?? 0
    if (named?.Kind === kind) count += 1
  }
  return count
}
