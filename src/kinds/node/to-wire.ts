import { type Labels, stampedLabels } from '../labels.ts'
import type { NodeSpec, WireNodeSpec } from './spec.ts'

/** The body of `POST /nodes/{id}/update`: live, with what is declared. */
export function nodeToWire(
  spec: NodeSpec,
  options: { readonly live: WireNodeSpec; readonly stamp: Labels },
): WireNodeSpec {
  return {
    ...options.live,
    Labels: stampedLabels(spec.labels, { live: options.live.Labels, stamp: options.stamp }),
    ...(spec.availability ? { Availability: spec.availability } : {}),
    ...(spec.role ? { Role: spec.role } : {}),
  }
}
