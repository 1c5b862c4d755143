import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import type { PackReader } from './pack-reader.ts'

/** More than any file of a config repository: what is inflated is bounded before it is read. */
const MOST_BYTES = 64 * 1024 * 1024

/** Packs first; what a merge of ours has just written stands loose beside them (gitrepository-layout(5)). */
export function withLooseObjects(packs: PackReader, gitDirectory: string): PackReader {
  const loose = async (oid: string): Promise<Buffer | undefined> =>
    (await packs.has(oid)) ? undefined : readLoose(gitDirectory, oid)
  return {
    ...packs,
    read: async (oid) => (await loose(oid)) ?? packs.read(oid),
    size: async (oid) => (await loose(oid))?.length ?? packs.size(oid),
  }
}

/** `<type> SP <size> NUL <content>`, deflated. */
async function readLoose(gitDirectory: string, oid: string): Promise<Buffer | undefined> {
  const path = join(gitDirectory, 'objects', oid.slice(0, 2), oid.slice(2))
  const bytes = await readFile(path).catch(unlessMissing)
  if (bytes === undefined) return undefined
  const whole = inflateSync(bytes, { maxOutputLength: MOST_BYTES })
  return whole.subarray(whole.indexOf(0) + 1)
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
