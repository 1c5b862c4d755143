import { existsSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { ReconcileError } from '../model/error.ts'
import type { Snapshot } from '../model/source.ts'
import { readDirectory } from '../source/directory.ts'

/** A config repository in a folder of this machine, and the folder that its paths begin at. */
export interface Place {
  readonly snapshot: Snapshot
  readonly base: string
}

/**
 * An environment is one folder of a repository, and may name files that stand beside it: `../../base/web.yaml`. Then the
 * whole repository is read, as it is where the settings name that folder; otherwise the folder is enough.
 */
export async function readPlace(directory: string, options: { readonly signal?: AbortSignal }): Promise<Place> {
  const alone = { snapshot: await readDirectory(directory, options), base: directory }
  const top = gitTopAbove(directory)
  if (top === undefined || !(await looksOutside(alone.snapshot))) return alone
  try {
    const snapshot = await readDirectory(top, options)
    return { snapshot: { ...snapshot, root: relative(top, directory).split(sep).join('/') }, base: top }
  } catch (error) {
    // Larger than a config repository may be: what is outside of the folder is reported as that.
    if (error instanceof ReconcileError && !options.signal?.aborted) return alone
    throw error
  }
}

/** Undefined where there is none, or where the folder itself is it. A worktree and a submodule have a file `.git`. */
function gitTopAbove(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return undefined
  for (let folder = directory; dirname(folder) !== folder; ) {
    folder = dirname(folder)
    if (existsSync(join(folder, '.git'))) return folder
  }
  return undefined
}

/** A path that leaves a folder is written with two dots, in a document or in a file of variables. */
async function looksOutside({ files, blob }: Snapshot): Promise<boolean> {
  for (const { oid } of files.values()) if ((await blob(oid)).includes('..')) return true
  return false
}
