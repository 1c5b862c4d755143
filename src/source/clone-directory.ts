import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../model/clock.ts'

/** A clone that is not in use and is older than this was given up: by a kill, by an error, by another url. */
const ABANDONED_MS = 3_600_000
const NAME = /^(git|isomorphic)-[0-9a-f]{20}$/

/**
 * The folder of a source: `<engine>-<random>/` is a bare clone, and the file `in-use-<engine>` names the one in use and
 * the url that it is of. A clone is replaced by making another one beside it and naming that: kill -9 at any moment leaves
 * the old or the new one. Two processes may use one folder: the slower adopts what the faster has named.
 */
export interface CloneDirectory {
  /** Folder of the clone in use; undefined where there is none. */
  inUse(): Promise<string | undefined>
  /** An empty folder for another clone. */
  fresh(): Promise<string>
  /** Puts a clone in use and removes the one before. */
  adopt(folder: string): Promise<void>
  remove(folder: string): Promise<void>
  /** Removes what was given up. */
  sweep(): Promise<void>
}

export interface CloneDirectoryOptions {
  readonly directory: string
  readonly engine: 'git' | 'isomorphic'
  readonly url: string
  readonly clock: Clock
}

export function createCloneDirectory({ directory, engine, url, clock }: CloneDirectoryOptions): CloneDirectory {
  const pointer = join(directory, `in-use-${engine}`)
  // A clone of another repository would know commits that this one does not have.
  const mark = createHash('sha256').update(url).digest('hex').slice(0, 20)
  const random = () => randomBytes(10).toString('hex')
  const remove = (folder: string) => rm(folder, { recursive: true, force: true })

  const inUse = async () => {
    const [name = '', of] = (await readFile(pointer, 'utf8').catch(() => '')).split(' ')
    return NAME.test(name) && of === mark ? join(directory, name) : undefined
  }
  const isAbandoned = async (folder: string, kept: string | undefined) => {
    const { mtimeMs } = await stat(folder)
    return folder !== kept && clock.now().getTime() - mtimeMs > ABANDONED_MS
  }

  return {
    inUse,
    remove,
    fresh: async () => {
      const folder = join(directory, `${engine}-${random()}`)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return folder
    },
    adopt: async (folder) => {
      const before = await inUse()
      const next = `${pointer}.${random()}`
      await writeFile(next, `${folder.slice(directory.length + 1)} ${mark}`, { mode: 0o600, flush: true })
      await rename(next, pointer)
      if (before !== undefined && before !== folder) await remove(before)
    },
    sweep: async () => {
      const kept = await inUse()
      const names = (await readdir(directory).catch(() => [])).filter((name) => NAME.test(name))
      const folders = names.filter((name) => name.startsWith(`${engine}-`)).map((name) => join(directory, name))
      for (const folder of folders) if (await isAbandoned(folder, kept)) await remove(folder)
    },
  }
}
