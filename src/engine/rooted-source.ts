import { ReconcileError } from '../model/error.ts'
import type { Source } from '../model/source.ts'
import { pathRefusal } from '../source/tree-path.ts'

/**
 * A whole repository, of which one folder is ours: an environment. The snapshot says which, and not the renderer: a folder
 * that a person gives (`apply --from`) is its own root.
 */
export function withRoot(source: Source, root: string): Source {
  if (root === '') return source
  const why = pathRefusal(root)
  if (why !== undefined) {
    throw new ReconcileError('InvalidSettings', {
      message: `the path '${root}' in the repository is refused: ${why}`,
      todo: 'name a folder of the repository in `repository.path`, without a slash before or behind it',
    })
  }
  return { ...source, read: async (revision, options) => ({ ...(await source.read(revision, options)), root }) }
}
