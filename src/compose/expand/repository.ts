import { posix } from 'node:path'
import type { RepositoryFiles } from '../../desired/document.ts'
import { LIMITS } from '../../desired/limits.ts'
import { refusedInTree } from '../../desired/resolve-path.ts'
import { absolutePath } from '../load/paths.ts'

/**
 * Where the repository lies for the reader of compose files, which puts relative paths behind the folder of the first
 * file: so a path of the repository and one of the machine can be told apart. No path of a machine has this name.
 */
const ABOVE = '/\u0001'

/** So far down that `..` does not get out of it to the paths of a machine: what leaves the repository can be told. */
const TOP = `${ABOVE.repeat(LIMITS.depth)}/repository`

/** A path from the top of the repository, as the reader of compose files has it. */
export const asAbsolute = (path: string): string => posix.join(TOP, path)

/** The folder of a file of the repository. */
export const folderOf = (path: string): string => asAbsolute(posix.dirname(path))

/** From the top of the repository; undefined for what is not in it. */
export const inRepository = (absolute: string): string | undefined =>
  absolute.startsWith(`${TOP}/`) ? absolute.slice(TOP.length + 1) : undefined

/** As it may be shown: nobody wrote the folder that we put in front of it. */
export function shownPath(absolute: string): string {
  const outside = absolute === ABOVE || absolute.startsWith(`${ABOVE}/`)
  return inRepository(absolute) ?? (outside ? posix.relative(TOP, absolute) : absolute)
}

/** Relative to the folder of a file of the repository, where there is a way from there; as it is otherwise. */
export function relativeTo(path: string, absolute: string): string {
  return absolute.startsWith(`${ABOVE}/`) ? posix.relative(folderOf(path), absolute) : absolute
}

/** Reads what compose files name beside themselves. */
export const readerIn =
  (folder: string, files: RepositoryFiles) =>
  (path: string): Uint8Array | undefined => {
    const place = inRepository(absolutePath(folder, path))
    const file = place === undefined || refusedInTree(files, place) ? undefined : files.read(place)
    return file === 'later' ? undefined : file?.content
  }
