import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ReconcileError } from '../model/error.ts'
import type { ImportFile } from '../model/import.ts'

export interface PlacedFile extends ImportFile {
  readonly absolute: string
  /** With this content. */
  readonly isThere: boolean
}

/** Where files would go. @throws ReconcileError `Usage` where another file is in the way: nothing is written over */
export async function placeFiles(folder: string, files: readonly ImportFile[]): Promise<readonly PlacedFile[]> {
  const placed = await Promise.all(files.map((file) => place(file, join(folder, file.path))))
  const inTheWay = placed.filter(({ state }) => state === 'other').map(({ file }) => file.path)
  if (inTheWay.length > 0) {
    throw new ReconcileError('Usage', {
      message: `${inTheWay.join(', ')} ${inTheWay.length === 1 ? 'is' : 'are'} there already, with other content`,
      todo: 'move it away, or name another folder with --out; nothing was written',
    })
  }
  return placed.map(({ file, absolute, state }) => ({ ...file, absolute, isThere: state === 'same' }))
}

async function place(file: ImportFile, absolute: string) {
  const content = await contentOf(absolute)
  const state = content === undefined ? 'free' : content === file.content ? 'same' : 'other'
  return { file, absolute, state } as const
}

/** Undefined where there is nothing; a folder or a link is something else than the file. */
async function contentOf(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isFile() ? await readFile(path, 'utf8') : ''
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export async function writeFiles(files: readonly PlacedFile[]): Promise<void> {
  for (const { absolute, content, isThere } of files) {
    if (isThere) continue
    await mkdir(dirname(absolute), { recursive: true })
    await writeFile(absolute, content, { flag: 'wx' })
  }
}
