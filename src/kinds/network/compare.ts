import type { FieldDiff } from '../../model/live.ts'
import { diffValues, type ValueDiff } from '../field-diff.ts'
import { compareLabels } from '../labels.ts'
import type { Ipam, NetworkLive, NetworkSpec } from './spec.ts'

const COMPARED = ['driver', 'scope', 'attachable', 'internal', 'ingress', 'ipv6', 'configOnly', 'configFrom'] as const

/** The engine's own: it draws VXLAN ids, and says which address families are on. */
const FILLED_IN = /^com\.docker\.network\.(driver\.overlay\.vxlanid_list|enable_ipv[46])$/

/** Swarm changes nothing of a network in place (swarm.md 14): any difference is a replacement. */
export function compareNetwork(spec: NetworkSpec, live: NetworkLive): readonly FieldDiff[] {
  const diffs = [
    ...COMPARED.flatMap((field) => diffValues(`/${field}`, live[field], spec[field])),
    ...diffValues('/options', withoutFilledIn(live.options, spec.options), spec.options),
    ...compareIpam(spec.ipam, live.ipam),
    ...compareLabels('/labels', spec.labels, { labels: live.labels, owns: [] }),
  ]
  return diffs.map((diff) => ({ ...diff, effect: 'replace' }))
}

type Options = Readonly<Record<string, string>>

const withoutFilledIn = (live: Options, declared: Options): Options =>
  Object.fromEntries(Object.entries(live).filter(([key]) => key in declared || !FILLED_IN.test(key)))

/** Only what is declared: the engine fills in pools, gateways and drivers. */
function compareIpam(declared: Ipam | undefined, live: Ipam): readonly ValueDiff[] {
  if (!declared) return []
  const options = Object.keys(declared.options).flatMap((key) =>
    diffValues(`/ipam/options/${key}`, live.options[key], declared.options[key]),
  )
  const pools = declared.config.every((pool, index) => {
    const found = live.config.find((one) => one.subnet === pool.subnet) ?? live.config[index]
    const declaredKeys = Object.entries(pool).filter(
      ([key]) => key !== 'auxAddresses' || Object.keys(pool.auxAddresses).length > 0,
    )
    return declaredKeys.every(([key, value]) => diffValues('', found?.[key as keyof typeof found], value).length === 0)
  })
  const same = declared.config.length === 0 || (pools && declared.config.length === live.config.length)
  return [
    ...diffValues('/ipam/driver', live.driver, declared.driver),
    ...options,
    ...(same ? [] : [{ path: '/ipam/config', from: live.config, to: declared.config }]),
  ]
}
