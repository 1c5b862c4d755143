import { OWNS_LABEL } from '../../kinds/labels.ts'
import type { NodeSpec, WireNodeSpec } from '../../kinds/node/spec.ts'
import { nodeToWire } from '../../kinds/node/to-wire.ts'
import { ReconcileError } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import { rowsOf } from './listing.ts'
import { stampOf, withoutStamp } from './stamp.ts'
import type { WireNode } from './wire.ts'
import { refuseForeign, requireOurs, type WriteContext, type Writer } from './writer.ts'

/** Nodes are found, not made: they join the Swarm, and leave it, by themselves. */
export const nodeWriter: Writer = {
  create: async (to) => {
    throw new ReconcileError('DependencyNotReady', {
      message: `no node of this Swarm is called ${partsOf(to.id).name}`,
      todo: 'let the host join the Swarm, or remove its document',
    })
  },

  update: async (to, context) => {
    const node = liveNode(to.id, context)
    const stamp = stampOf(context.install, to)
    await send(node, nodeToWire(to.spec as NodeSpec, { live: node.Spec, stamp }), context)
  },

  stamp: async (to, context) => {
    const node = liveNode(to.id, context)
    await send(node, { ...node.Spec, Labels: { ...node.Spec.Labels, ...stampOf(context.install, to) } }, context)
    return undefined
  },

  /** It is only let go: labels and availability stay, since taking them away would move what runs there. */
  remove: async (from, context) => {
    const node = findNode(from.id, context)
    if (!node) return
    requireOurs(from, context.ownerOf(from.id, node.Spec.Labels))
    const { [OWNS_LABEL]: _owns, ...labels } = withoutStamp(node.Spec.Labels)
    await send(node, { ...node.Spec, Labels: labels }, context)
  },
}

function findNode(id: ResourceId, { seen }: WriteContext): WireNode | undefined {
  const all = rowsOf(seen.index?.listing.nodes ?? { rows: [] })
  const mine = all.filter((node) => node.Description?.Hostname === partsOf(id).name)
  return mine.find((node) => node.Status?.State === 'ready') ?? mine[0]
}

function liveNode(id: ResourceId, context: WriteContext): WireNode {
  const node = findNode(id, context)
  if (!node) throw new ReconcileError('NotFound', { message: `${id} is not in this Swarm any more`, retryable: true })
  refuseForeign(id, context.ownerOf(id, node.Spec.Labels))
  return node
}

async function send(node: WireNode, body: WireNodeSpec, { connection }: WriteContext): Promise<void> {
  const query = { version: String(node.Version.Index) }
  await connection.write({ method: 'POST', path: `/nodes/${node.ID}/update`, query, body })
}
