import { resolvePath } from './resolve-path.ts'
import type { Rooted, Tree } from './tree.ts'

/** Every path that a text of the document could mean: enough to know which files are spoken of. */
export function pathsIn(root: Rooted): ReadonlySet<string> {
  const paths = new Set<string>()
  collect(root.tree, root.file.path, paths)
  return paths
}

function collect(tree: Tree, writtenIn: string, paths: Set<string>): void {
  if (tree.type === 'scalar') {
    // Only YAML files are asked about, so nothing else needs to be remembered.
    if (typeof tree.value !== 'string' || !/\.ya?ml$/.test(tree.value)) return
    const resolved = resolvePath(writtenIn, tree.value)
    if ('path' in resolved) paths.add(resolved.path)
    return
  }
  const items = tree.type === 'list' ? tree.items : tree.entries.values()
  for (const item of items) collect(item.value, item.from?.path ?? writtenIn, paths)
}
