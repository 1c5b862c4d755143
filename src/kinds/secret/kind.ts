import { sameValue } from '../../model/digest.ts'
import type { Kind } from '../../model/kind.ts'
import type { Secret } from '../../model/written/secret.ts'
import { generationOf } from '../generation.ts'
import { compareSecret } from './compare.ts'
import { normalizeSecret } from './normalize.ts'
import type { SecretLive, SecretSpec } from './spec.ts'

export const secretKind: Kind<Secret, SecretSpec, SecretLive> = {
  name: 'Secret',
  rank: 20,
  normalize: normalizeSecret,
  compare: compareSecret,
  asApplied: ({ content: _content, ...spec }) => ({ ...spec, owns: Object.keys(spec.labels) }),
  suspend: () => undefined,
  inert: true,
  generationOf,
  generation: {
    renamed: (spec, name) => ({ ...spec, name }),
    sameContent: (spec, recorded) => sameGeneration(spec, recorded as SecretSpec),
    // Its content cannot be read: a person says that it is this one, by asking for the adoption.
    mayBe: (spec, live) => compareSecret(spec, live).every((diff) => diff.effect === 'none'),
  },
}

/** By the MAC: where the content comes from may change. What was found live has none: its stamp tells instead. */
const sameGeneration = (spec: SecretSpec, other: SecretSpec): boolean =>
  spec.content?.mac === other.content?.mac &&
  (spec.content !== undefined || other.driver !== undefined) &&
  sameValue(spec.driver, other.driver) &&
  spec.template === other.template
