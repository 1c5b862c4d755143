import type { Names } from './python.ts'
import type { HostFacts } from './values.ts'

type Values = ReadonlyMap<string, string | number>

/** What `%(name)s` may name: later layers win. What only the host knows stands for itself. */
export function namesOf(layers: readonly Values[], facts: HostFacts): Names {
  const find = (name: string) => layers.findLast((layer) => layer.has(name))?.get(name)
  const isUnknown = (name: string): boolean => facts.environment === undefined && name.startsWith('ENV_')
  return {
    get: (name) => find(name) ?? (isUnknown(name) ? `%(${name})s` : undefined),
    all: () => [...new Set(layers.flatMap((layer) => [...layer.keys()]))],
  }
}

export const hostNameOf = ({ hostName }: HostFacts): string => hostName ?? '%(host_node_name)s'

/** `ENV_` names of the environment that supervisord was started with. */
export const environmentNames = ({ environment = {} }: HostFacts): Map<string, string | number> =>
  new Map(Object.entries(environment).map(([name, value]) => [`ENV_${name}`, value]))
