import { entryFromWire } from '../ownership.ts'
import type { ArtifactLive, WireArtifact } from './spec.ts'

export const artifactFromWire = ({ stat, sha256 }: WireArtifact): ArtifactLive => ({
  ...entryFromWire(stat),
  ...(sha256 === undefined ? {} : { sha256 }),
})
