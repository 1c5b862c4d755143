import { makeId, type ResourceId } from '../../model/id.ts'
import type { Observed } from '../../model/live.ts'
import { rowsOf } from './listing.ts'
import { type ObserveContext, observeAll } from './observe.ts'
import { RUN, TEMPORARY } from './stamp.ts'

/** Everything on the Swarm that a document could declare, whoever owns it, but for checks that are being made, and runs of agents. */
export function surveyAll(context: ObserveContext): ReadonlyMap<ResourceId, Observed> {
  const { target, index } = context
  const { listing } = index
  const ids = (kind: string, names: readonly (string | null | undefined)[]): readonly ResourceId[] =>
    names.flatMap((name) => (name ? [makeId({ target, kind, name })] : []))
  const services = rowsOf(listing.services).filter(
    ({ Spec: { Labels } }) => Labels?.[TEMPORARY] === undefined && Labels?.[RUN] === undefined,
  )
  return observeAll(
    [
      ...ids(
        'Service',
        services.map(({ Spec }) => Spec.Name),
      ),
      ...ids('Network', [...index.networks.keys()]),
      ...ids('Secret', [...index.secrets.keys()]),
      ...ids(
        'Config',
        listing.configs.map(({ Spec }) => Spec.Name),
      ),
    ],
    context,
  )
}
