import { pointerTo } from '../../desired/tree.ts'
import { didYouMean } from '../../lib/nearest.ts'
import type { Finding } from '../source.ts'
import type { Entry, Node, Scalar, ScalarNode } from '../yaml/node.ts'
import { castFor } from './casts.ts'
import { substitute, type Unset } from './template.ts'

export interface Variables {
  readonly values: ReadonlyMap<string, string>
  readonly unset: Unset
}

export interface Interpolated {
  readonly root: Node
  readonly findings: readonly Finding[]
}

/**
 * Variables in every text of a file, keys excepted. What was changed by one becomes a number or a boolean where the
 * format wants one (docker/cli cli/compose/loader/interpolate.go).
 */
export function interpolate(root: Node, text: string, variables: Variables): Interpolated {
  const work: Work = { text, variables, findings: [] }
  return { root: inNode(root, { path: [], pointer: '' }, work), findings: work.findings }
}

interface Work {
  /** The whole file, to point at the variable inside of a scalar. */
  readonly text: string
  readonly variables: Variables
  readonly findings: Finding[]
}

interface Where {
  /** Keys, with `[]` for an item of a list. */
  readonly path: readonly string[]
  readonly pointer: string
}

function inNode(node: Node, where: Where, work: Work): Node {
  if (node.type === 'scalar') return inScalar(node, where, work)
  if (node.type === 'list') {
    const items = node.items.map((item, index) => inNode(item, below(where, '[]', String(index)), work))
    return { ...node, items }
  }
  const entries = new Map<string, Entry>()
  for (const [key, entry] of node.entries) {
    entries.set(key, { key: entry.key, value: inNode(entry.value, below(where, key, key), work) })
  }
  return { ...node, entries }
}

const below = (where: Where, step: string, key: string): Where => ({
  path: [...where.path, step],
  pointer: pointerTo(where.pointer, key),
})

function inScalar(node: ScalarNode, where: Where, work: Work): ScalarNode {
  if (typeof node.value !== 'string' || !node.value.includes('$')) return node
  const { values, unset } = work.variables
  const { text, problems } = substitute(node.value, (name) => values.get(name), unset)
  for (const { written, message } of problems) {
    const meant = / is not set$/.test(message) ? didYouMean(written.replaceAll(/[${}]/g, ''), values.keys()) : ''
    report(work, where, { offset: offsetOf(node, written, work.text), message: message + meant })
  }
  return problems.length > 0 || text === node.value ? node : { ...node, value: cast(text, node, where, work) }
}

function report(work: Work, { pointer }: Where, { offset, message }: Pick<Finding, 'offset' | 'message'>): void {
  work.findings.push({ severity: 'error', offset, pointer, message })
}

/** The variable, where it stands in the file as it is; the beginning of its text otherwise. */
function offsetOf(node: ScalarNode, written: string, text: string): number {
  const at = text.slice(node.start, node.end).indexOf(written)
  return node.start + Math.max(at, 0)
}

function cast(text: string, node: ScalarNode, where: Where, work: Work): Scalar {
  const caster = castFor(where.path)
  if (!caster) return text
  const value = caster.read(text)
  if (value === undefined) report(work, where, { offset: node.start, message: `'${text}' is not ${caster.noun}` })
  return value ?? text
}
