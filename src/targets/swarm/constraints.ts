import { BlockList, isIP } from 'node:net'
import type { WireNode } from './wire.ts'

interface Constraint {
  readonly key: string
  readonly equal: boolean
  readonly value: string
}

/**
 * Placement as Swarm's scheduler judges it (moby/swarmkit manager/constraint): keys and values are compared without
 * regard to case, names of labels with it, a label that is not there is empty, and a key that is not known matches no
 * node at all.
 */
export function matchesConstraint(node: WireNode, text: string): boolean {
  const constraint = parseConstraint(text)
  if (!constraint) return false
  if (constraint.key.toLowerCase() === 'node.ip') return matchesAddress(node.Status?.Addr ?? '', constraint)
  const value = fieldOf(node, constraint.key)
  return value !== undefined && (value.toLowerCase() === constraint.value.toLowerCase()) === constraint.equal
}

function parseConstraint(text: string): Constraint | undefined {
  const match = /^(.*?)(==|!=)(.*)$/s.exec(text)
  const [, key = '', operator, value = ''] = match ?? []
  return match ? { key: key.trim(), equal: operator === '==', value: value.trim() } : undefined
}

const NODE_LABEL = 'node.labels.'
const ENGINE_LABEL = 'engine.labels.'

function fieldOf(node: WireNode, key: string): string | undefined {
  const lower = key.toLowerCase()
  if (lower.startsWith(NODE_LABEL)) return node.Spec.Labels?.[key.slice(NODE_LABEL.length)] ?? ''
  if (lower.startsWith(ENGINE_LABEL)) return node.Description?.Engine?.Labels?.[key.slice(ENGINE_LABEL.length)] ?? ''
  switch (lower) {
    case 'node.id':
      return node.ID
    case 'node.hostname':
      return node.Description?.Hostname ?? ''
    case 'node.role':
      return node.Spec.Role ?? ''
    case 'node.platform.os':
      return node.Description?.Platform?.OS ?? ''
    case 'node.platform.arch':
      return node.Description?.Platform?.Architecture ?? ''
    default:
      return undefined
  }
}

/** `node.ip` takes an address or a subnet. */
function matchesAddress(address: string, { value, equal }: Constraint): boolean {
  const [base = '', bits] = value.split('/')
  const family = isIP(base)
  if (family === 0 || isIP(address) === 0) return false
  if (bits === undefined) return (address === base) === equal
  const list = new BlockList()
  list.addSubnet(base, Number(bits), family === 6 ? 'ipv6' : 'ipv4')
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') === equal
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }
const plain = (architecture: string): string => ARCHITECTURES[architecture] ?? architecture

export interface ImagePlatform {
  readonly architecture: string
  readonly os: string
}

/** No platforms, or an empty part of one, means any. */
export function matchesPlatform(node: WireNode, platforms: readonly ImagePlatform[]): boolean {
  const { Architecture: architecture = '', OS: os = '' } = node.Description?.Platform ?? {}
  return (
    platforms.length === 0 ||
    platforms.some(
      (platform) =>
        (platform.architecture === '' || plain(platform.architecture) === plain(architecture)) &&
        (platform.os === '' || platform.os === os),
    )
  )
}

/** Tasks may be placed on it. */
export const isActive = (node: WireNode): boolean =>
  node.Status?.State === 'ready' && (node.Spec.Availability ?? 'active') === 'active'

export const hostnameOf = (node: WireNode): string => node.Description?.Hostname || node.ID
