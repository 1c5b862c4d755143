import { type FileHandle, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, inflateSync } from 'node:zlib'

/** The header of an object with the beginning of its delta is shorter than this. */
const HEAD_BYTES = 64
const OFS_DELTA = 6
const REF_DELTA = 7

/**
 * Sizes of blobs from the headers of pack files: isomorphic-git can say how large an object is only by reading it, and the
 * point of a limit is not to. Formats: gitformat-pack(5). An object that is in no pack is not in the answer.
 */
export async function packSizes(gitDirectory: string, oids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const folder = join(gitDirectory, 'objects/pack')
  const wanted = new Set(oids)
  const sizes = new Map<string, number>()
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.idx')) continue
    const offsets = offsetsOf(await readFile(join(folder, name)), wanted)
    if (offsets.size > 0) await readHeads(join(folder, name.replace(/idx$/, 'pack')), offsets, sizes)
  }
  return sizes
}

/** Version 2: magic, version, 256 counts, ids, CRCs, 31-bit offsets. Packs over 2 GiB are beyond isomorphic-git. */
function offsetsOf(index: Buffer, wanted: ReadonlySet<string>): ReadonlyMap<string, number> {
  const ids = 8 + 256 * 4
  const count = index.readUInt32BE(ids - 4)
  const offsets = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const oid = index.toString('hex', ids + i * 20, ids + i * 20 + 20)
    if (wanted.has(oid)) offsets.set(oid, index.readUInt32BE(ids + count * 24 + i * 4))
  }
  return offsets
}

async function readHeads(
  pack: string,
  offsets: ReadonlyMap<string, number>,
  sizes: Map<string, number>,
): Promise<void> {
  const file = await open(pack)
  try {
    const read = async ([oid, offset]: [string, number]) => sizes.set(oid, await sizeAt(file, offset))
    const all = [...offsets]
    while (all.length > 0) await Promise.all(all.splice(-256).map(read))
  } finally {
    await file.close()
  }
}

async function sizeAt(file: FileHandle, offset: number): Promise<number> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, offset)
  const head = cursor(buffer.subarray(0, bytesRead))
  const first = head.byte()
  const type = (first >> 4) & 7
  const size = first & 0x80 ? (first & 15) + 16 * head.varint() : first & 15
  if (type !== OFS_DELTA && type !== REF_DELTA) return size
  if (type === OFS_DELTA) while (head.byte() & 0x80);
  return deltaResultSize(head.rest(type === REF_DELTA ? 20 : 0))
}

/** A delta begins with the size of its base and the size of its result. */
function deltaResultSize(deflated: Buffer): number {
  const delta = cursor(inflateSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH }))
  delta.varint()
  return delta.varint()
}

function cursor(bytes: Buffer) {
  let at = 0
  const byte = () => bytes.readUInt8(at++)
  return {
    byte,
    rest: (skip: number) => bytes.subarray(at + skip),
    /** Seven bits a byte, the lowest first. */
    varint: () => {
      let value = 0
      for (let factor = 1; ; factor *= 128) {
        const next = byte()
        value += (next & 0x7f) * factor
        if (!(next & 0x80)) return value
      }
    },
  }
}
