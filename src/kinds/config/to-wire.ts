import { InternalError } from '../../model/error.ts'
import { type Labels, stampedLabels } from '../labels.ts'
import type { ConfigSpec, WireConfigSpec } from './spec.ts'

export interface ConfigToWire {
  /** Revealed content: for a create whose content is `Opaque`. */
  readonly content?: Uint8Array
  /** Live `Spec`: for an update, which may change labels only (swarm.md 13). */
  readonly live?: WireConfigSpec
  readonly stamp: Labels
}

export function configToWire(spec: ConfigSpec, options: ConfigToWire): WireConfigSpec {
  const Labels = stampedLabels(spec.labels, { live: options.live?.Labels, stamp: options.stamp })
  if (options.live) return { ...options.live, Labels }
  const templating = spec.template ? { Templating: { Name: 'golang' } } : {}
  return { Name: spec.name, Labels, Data: contentOf(spec, options.content), ...templating }
}

function contentOf(spec: ConfigSpec, revealed: Uint8Array | undefined): string {
  if ('base64' in spec.content) return spec.content.base64
  if (!revealed) throw new InternalError(`the content of config ${spec.name} was not revealed`)
  return Buffer.from(revealed).toString('base64')
}
