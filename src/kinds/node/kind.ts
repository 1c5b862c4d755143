import type { Kind } from '../../model/kind.ts'
import type { Node } from '../../model/written/node.ts'
import { compareNode } from './compare.ts'
import { normalizeNode } from './normalize.ts'
import type { NodeLive, NodeSpec } from './spec.ts'

/** Before everything else: constraints of services lean on its labels. */
export const nodeKind: Kind<Node, NodeSpec, NodeLive> = {
  name: 'Node',
  rank: 5,
  normalize: normalizeNode,
  compare: compareNode,
  asApplied: ({ availability = 'active', role = 'worker', ...spec }) => ({
    ...spec,
    availability,
    role,
    owns: Object.keys(spec.labels),
  }),
  suspend: () => undefined,
  found: true,
  inert: true,
}
