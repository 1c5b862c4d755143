import { NormalizeProblem } from '../../model/kind.ts'
import type { Document, RepositoryFiles } from '../document.ts'
import { readWritten } from '../resolve-path.ts'

/** Reads a file that a document names: relative to the file in which the name was written, also through `extends`. */
export function readRepositoryFile(
  written: string,
  pointer: string,
  from: { readonly document: Document; readonly files: RepositoryFiles },
): { readonly oid: string; readonly content: Buffer } {
  const found = readWritten(from.files, from.document.position(pointer).path, written)
  if ('refused' in found) throw new NormalizeProblem(pointer, found.refused)
  return found
}
