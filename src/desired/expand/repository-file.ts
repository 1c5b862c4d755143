import { posix } from 'node:path'
import { didYouMean } from '../../lib/nearest.ts'
import { NormalizeProblem } from '../../model/kind.ts'
import type { Document, RepositoryFiles } from '../document.ts'

/** Reads a file that a document names: relative to the file in which the name was written, also through `extends`. */
export function readRepositoryFile(
  written: string,
  pointer: string,
  from: { readonly document: Document; readonly files: RepositoryFiles },
): { readonly oid: string; readonly content: Buffer } {
  const path = resolvePath(written, pointer, from.document.position(pointer).path)
  const file = from.files.read(path)
  if (file) return file
  const folder = posix.dirname(path)
  const neighbours = from.files.paths.filter((other) => posix.dirname(other) === folder)
  throw new NormalizeProblem(pointer, `the repository has no readable file '${path}'${didYouMean(path, neighbours)}`)
}

function resolvePath(written: string, pointer: string, writtenIn: string): string {
  if (posix.isAbsolute(written) || written.includes('\0') || written.includes('\\')) {
    throw new NormalizeProblem(
      pointer,
      `'${written}' is not a path inside the repository; write it relative to this file`,
    )
  }
  const path = posix.join(posix.dirname(writtenIn), written)
  if (path === '..' || path.startsWith('../')) throw new NormalizeProblem(pointer, `'${written}' leaves the repository`)
  return path
}
