import type { FieldDiff } from '../../model/live.ts'
import { diffValues } from '../field-diff.ts'
import { compareEntry } from '../ownership.ts'
import type { ArtifactLive, ArtifactSpec } from './spec.ts'

/** What runs from it has a trigger (rule 4): the program that runs keeps the file that it was started from. */
export function compareArtifact(spec: ArtifactSpec, live: ArtifactLive): readonly FieldDiff[] {
  const entry = compareEntry(spec, live, 'file')
  if (live.type !== 'file') return entry
  return [
    ...entry,
    ...diffValues('/sha256', live.sha256, spec.sha256).map((diff) => ({ ...diff, effect: 'none' as const })),
  ]
}
