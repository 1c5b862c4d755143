import type { Kind } from '../../model/kind.ts'
import type { Directory } from '../../model/written/directory.ts'
import { footingOfPath } from '../footing.ts'
import { PATH_NAMES } from '../host-path.ts'
import { entryAsApplied } from '../ownership.ts'
import { compareDirectory } from './compare.ts'
import { normalizeDirectory } from './normalize.ts'
import type { DirectoryLive, DirectorySpec } from './spec.ts'

/** Kept when its document is gone; with `prune: allow` it is removed if it is empty, and never with what is in it. */
export const directoryKind: Kind<Directory, DirectorySpec, DirectoryLive> = {
  name: 'Directory',
  names: PATH_NAMES,
  rank: 10,
  normalize: normalizeDirectory,
  compare: compareDirectory,
  asApplied: (spec) => entryAsApplied(spec, 'directory'),
  suspend: () => undefined,
  stampless: true,
  inert: true,
  inOrder: true,
  footing: footingOfPath,
  keptByDefault: true,
}
