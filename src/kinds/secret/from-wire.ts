import { ownedLabels, plainLabels } from '../labels.ts'
import type { SecretLive, WireSecretSpec } from './spec.ts'

/** From `Spec` of a live secret. */
export function secretFromWire(wire: WireSecretSpec): SecretLive {
  return {
    name: wire.Name ?? '',
    labels: plainLabels(wire.Labels),
    owns: ownedLabels(wire.Labels),
    template: Boolean(wire.Templating?.Name),
    ...(wire.Driver?.Name ? { driver: { name: wire.Driver.Name, options: wire.Driver.Options ?? {} } } : {}),
  }
}
