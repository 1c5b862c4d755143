import { posix } from 'node:path'

/**
 * The folder that stacks were in when they were recorded: what stands before a path of which we know the end. Undefined
 * where nothing tells.
 * @param ours a model with paths below `folder`
 * @param docker the same model, as it was printed where it was recorded
 */
export function guessFolder(ours: unknown, docker: unknown, folder: string): string | undefined {
  const above = posix.dirname(folder)
  const found = folderFrom(ours, docker, folder)
  if (found !== undefined || above === '/') return found
  // Where all paths begin with `..`, the name of the folder is not known, and stands in none of them.
  const parent = folderFrom(ours, docker, above)
  return parent === undefined ? undefined : posix.join(parent, posix.basename(folder))
}

function folderFrom(ours: unknown, docker: unknown, folder: string): string | undefined {
  if (typeof ours === 'string' && typeof docker === 'string') {
    const rest = ours === folder || ours.startsWith(`${folder}/`) ? ours.slice(folder.length) : undefined
    const fits = rest !== undefined && docker.startsWith('/') && docker.endsWith(rest)
    return fits ? docker.slice(0, docker.length - rest.length) : undefined
  }
  if (typeof ours !== 'object' || typeof docker !== 'object') return undefined
  for (const [key, value] of Object.entries(ours ?? {})) {
    const found = folderFrom(value, Object(docker)[key], folder)
    if (found !== undefined) return found
  }
  return undefined
}
