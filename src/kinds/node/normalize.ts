import type { NormalizeContext, Normalized } from '../../model/kind.ts'
import type { Node } from '../../model/written/node.ts'
import { labelTexts } from '../written-values.ts'
import type { NodeSpec } from './spec.ts'

/** @throws NormalizeProblem */
export function normalizeNode(written: Node, _context: NormalizeContext): Normalized<NodeSpec> {
  const { name, availability, role } = written
  const spec: NodeSpec = {
    name,
    labels: labelTexts(written.labels, '/labels'),
    ...(availability ? { availability } : {}),
    ...(role ? { role } : {}),
  }
  return { name, spec, uses: [] }
}
