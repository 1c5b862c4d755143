import type { NormalizeContext, Normalized } from '../../model/kind.ts'
import type { Directory } from '../../model/written/directory.ts'
import { ownersUsed, placeOf } from '../ownership.ts'
import type { DirectorySpec } from './spec.ts'

/** @throws NormalizeProblem */
export function normalizeDirectory(written: Directory, context: NormalizeContext): Normalized<DirectorySpec> {
  const spec = placeOf(written, '0755')
  return { name: spec.path, spec, uses: ownersUsed(spec, context) }
}
