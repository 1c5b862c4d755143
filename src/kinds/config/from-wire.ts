import { ownedLabels, plainLabels } from '../labels.ts'
import type { ConfigLive, WireConfigSpec } from './spec.ts'

/** From `Spec` of a live config. */
export function configFromWire(wire: WireConfigSpec): ConfigLive {
  return {
    name: wire.Name ?? '',
    base64: wire.Data ?? '',
    labels: plainLabels(wire.Labels),
    owns: ownedLabels(wire.Labels),
    template: Boolean(wire.Templating?.Name),
  }
}
