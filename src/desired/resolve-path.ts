import { nearest } from '../lib/nearest.ts'
import type { RepositoryFiles } from './document.ts'
import { quote } from './quote.ts'

export type ResolvedPath = { readonly path: string } | { readonly refused: string }

/**
 * A path written in a file of the repository, relative to that file's folder (SEC-1). `..` is fine as long as it stays
 * inside; nothing is looked up.
 */
export function resolvePath(writtenIn: string, written: string): ResolvedPath {
  const why = refusal(written)
  if (why) return { refused: `the path ${quote(written)} ${why}` }
  const segments = writtenIn.split('/').slice(0, -1)
  for (const segment of written.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined) return { refused: `the path ${quote(written)} leaves the repository` }
  }
  if (segments.length === 0) return { refused: `the path ${quote(written)} is the repository itself, not a file` }
  return { path: segments.join('/') }
}

/** Ways out of a folder that look harmless to one reader and not to the next. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'is empty'],
  [/^.{1025,}$/s, 'is longer than 1024 characters'],
  [/[\p{Cc}]/u, 'has a control character'],
  [/\\/, 'has a backslash; folders are separated by /'],
  [/^[a-z][a-z0-9+.-]+:\/\//i, 'is an address; only files of the repository are read'],
  [/^(\/|[a-z]:)/i, 'is absolute; it must be relative to the file that it is written in'],
  [/^~/, 'begins with ~; only files of the repository are read'],
  [/%(2e|2f|5c|00)/i, 'has percent-encoded dots or slashes'],
]

function refusal(written: string): string | undefined {
  return REFUSALS.find(([pattern]) => pattern.test(written))?.[1]
}

export type FileFound =
  | { readonly path: string; readonly oid: string; readonly content: Buffer }
  | { readonly refused: string }

/** The file that a written path means, or why there is none; never a word of what stands in it. */
export function readWritten(files: RepositoryFiles, writtenIn: string, written: string): FileFound {
  const resolved = resolvePath(writtenIn, written)
  if ('refused' in resolved) return resolved
  const why = refusedInTree(files, resolved.path)
  if (why) return { refused: why }
  const file = files.read(resolved.path)
  if (file === 'later') return { refused: `the file ${quote(resolved.path)} has not been read yet` }
  if (file) return { path: resolved.path, ...file }
  return { refused: `there is no file ${quote(resolved.path)} in the repository${similar(files, resolved.path)}` }
}

/** A symlink or submodule on the way refuses everything below it. */
export function refusedInTree(files: RepositoryFiles, path: string): string | undefined {
  if (!files.refused) return undefined
  const segments = path.split('/')
  for (let count = 1; count <= segments.length; count++) {
    const prefix = segments.slice(0, count).join('/')
    const why = files.refused.get(prefix)
    if (why !== undefined) return `${quote(prefix)} is not read: ${why}`
  }
  return undefined
}

function similar(files: RepositoryFiles, path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const folder = path.slice(0, path.length - name.length)
  const beside = files.paths.filter((other) => other.startsWith(folder) && !other.slice(folder.length).includes('/'))
  const elsewhere = files.paths.filter((other) => other === name || other.endsWith(`/${name}`))
  const meant = nearest(path, beside) ?? elsewhere[0]
  return meant === undefined ? '' : `; did you mean ${quote(meant)}?`
}
