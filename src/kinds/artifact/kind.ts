import type { Kind } from '../../model/kind.ts'
import type { Artifact } from '../../model/written/artifact.ts'
import { footingOfPath } from '../footing.ts'
import { fileHeld, PATH_NAMES } from '../host-path.ts'
import { entryAsApplied } from '../ownership.ts'
import { compareArtifact } from './compare.ts'
import { normalizeArtifact } from './normalize.ts'
import type { ArtifactLive, ArtifactSpec } from './spec.ts'

export const artifactKind: Kind<Artifact, ArtifactSpec, ArtifactLive> = {
  name: 'Artifact',
  names: PATH_NAMES,
  rank: 12,
  normalize: normalizeArtifact,
  compare: compareArtifact,
  asApplied: (spec) => ({ ...entryAsApplied(spec, 'file'), sha256: spec.sha256 }),
  suspend: () => undefined,
  stampless: true,
  inert: true,
  inOrder: true,
  footing: footingOfPath,
  holds: ({ path }) => [fileHeld(path)],
}
