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
}
