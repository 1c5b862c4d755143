import type { Kind } from '../../model/kind.ts'
import type { Network } from '../../model/written/network.ts'
import { compareNetwork } from './compare.ts'
import { normalizeNetwork } from './normalize.ts'
import type { NetworkLive, NetworkSpec } from './spec.ts'

export const networkKind: Kind<Network, NetworkSpec, NetworkLive> = {
  name: 'Network',
  rank: 10,
  normalize: normalizeNetwork,
  compare: compareNetwork,
  asApplied: (spec) => ({ ...spec, ipam: spec.ipam ?? { driver: 'default', options: {}, config: [] } }),
  suspend: () => undefined,
  stampless: true,
  inert: true,
}
