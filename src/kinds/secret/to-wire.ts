import { InternalError } from '../../model/error.ts'
import { type Labels, stampedLabels } from '../labels.ts'
import type { SecretSpec, WireSecretSpec } from './spec.ts'

export interface SecretToWire {
  /** Revealed content: for a create. */
  readonly content?: Uint8Array
  /** Live `Spec`: for an update, which may change labels only (swarm.md 13). */
  readonly live?: WireSecretSpec
  readonly stamp: Labels
}

export function secretToWire(spec: SecretSpec, options: SecretToWire): WireSecretSpec {
  const Labels = stampedLabels(spec.labels, { live: options.live?.Labels, stamp: options.stamp })
  if (options.live) return { ...options.live, Labels }
  if (!options.content) throw new InternalError(`the content of secret ${spec.name} was not revealed`)
  return {
    Name: spec.name,
    Labels,
    Data: Buffer.from(options.content).toString('base64'),
    ...(spec.driver ? { Driver: { Name: spec.driver.name, Options: { ...spec.driver.options } } } : {}),
    ...(spec.template ? { Templating: { Name: 'golang' } } : {}),
  }
}
