import { sameValue } from '../../model/digest.ts'
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
  asApplied: ({ content, ...spec }) => ({
    ...spec,
    base64: 'base64' in content ? content.base64 : '',
    owns: Object.keys(spec.labels),
  }),
  suspend: () => undefined,
  inert: true,
  generationOf,
  generation: {
    renamed: (spec, name) => ({ ...spec, name }),
    sameContent: (spec, recorded) => sameGeneration(spec, recorded as ConfigSpec),
    mayBe: (spec, live) => compareConfig(spec, live).every((diff) => diff.effect === 'none'),
  },
}

/** What was found live after a loss of the database has no content of this shape: its stamp tells instead. */
const sameGeneration = (spec: ConfigSpec, other: ConfigSpec): boolean =>
  sameValue(spec.content, other.content) && spec.template === other.template
