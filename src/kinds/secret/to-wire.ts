import { InternalError, ReconcileError } from '../../model/error.ts'
import { SECRET_LIMIT } from '../generation.ts'
import { type Labels, stampedLabels } from '../labels.ts'
import type { SecretSpec, WireSecretSpec } from './spec.ts'

export interface SecretToWire {
  /** Revealed content: for a create, where the spec has content. */
  readonly content?: Uint8Array
  /** Live `Spec`: for an update, which may change labels only (swarm.md 13). */
  readonly live?: WireSecretSpec
  readonly stamp: Labels
}

/** @throws ReconcileError `InvalidDesired` where the revealed content is empty or too long */
export function secretToWire(spec: SecretSpec, options: SecretToWire): WireSecretSpec {
  const Labels = stampedLabels(spec.labels, { live: options.live?.Labels, stamp: options.stamp })
  if (options.live) return { ...options.live, Labels }
  return {
    Name: spec.name,
    Labels,
    ...(spec.content ? { Data: contentOf(spec.name, options.content) } : {}),
    ...(spec.driver ? { Driver: { Name: spec.driver.name, Options: { ...spec.driver.options } } } : {}),
    ...(spec.template ? { Templating: { Name: 'golang' } } : {}),
  }
}

/** What comes from the settings is seen here for the first time: its size is checked late. */
function contentOf(name: string, content: Uint8Array | undefined): string {
  if (!content) throw new InternalError(`the content of secret ${name} was not revealed`)
  if (content.length > 0 && content.length <= SECRET_LIMIT) return Buffer.from(content).toString('base64')
  throw new ReconcileError('InvalidDesired', {
    message: `the content of secret ${name} has ${content.length} bytes`,
    todo: `Swarm takes 1 to ${SECRET_LIMIT} bytes for a secret`,
  })
}
