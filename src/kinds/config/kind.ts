import type { Kind } from '../../model/kind.ts'
import type { Config } from '../../model/written/config.ts'
import { generationOf } from '../generation.ts'
import { compareConfig } from './compare.ts'
import { normalizeConfig } from './normalize.ts'
import type { ConfigLive, ConfigSpec } from './spec.ts'

export const configKind: Kind<Config, ConfigSpec, ConfigLive> = {
  name: 'Config',
  rank: 20,
  normalize: normalizeConfig,
  compare: compareConfig,
  suspend: () => undefined,
  inert: true,
  generationOf,
}
