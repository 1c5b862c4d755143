import { type FileHandle, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, inflateSync } from 'node:zlib'
import { createByteCursor } from './byte-cursor.ts'
import { applyDelta } from './pack-delta.ts'
import { createTurns } from './turns.ts'

/** The header of an object with the beginning of its delta is shorter than this. */
const HEAD_BYTES = 64
/** Bases of deltas that are kept in memory: one is the base of many. */
const KEPT_BASE_BYTES = 16 * 1024 * 1024
const OFS_DELTA = 6
const REF_DELTA = 7

/**
 * Objects of pack files (gitformat-pack(5)), read in place. isomorphic-git can tell an object's size only by reading it,
 * and reads one in about 0.5 ms with the whole pack in memory; a limit on size must be known before, and ten thousand
 * files must not cost seconds. Packs of isomorphic-git are version 2, below 2 GiB, and whole.
 */
export interface PackReader {
  /** Bytes of an object, from its header alone. */
  size(oid: string): Promise<number>
  read(oid: string): Promise<Buffer>
  has(oid: string): Promise<boolean>
  close(): Promise<void>
}

interface Pack {
  readonly name: string
  readonly file: FileHandle
  /** Where objects begin; the last one is where the last object ends. */
  readonly starts: readonly number[]
}

interface Place {
  readonly pack: Pack
  readonly start: number
}

export function createPackReader(gitDirectory: string): PackReader {
  const folder = join(gitDirectory, 'objects/pack')
  const packs = new Map<string, Pack>()
  const places = new Map<string, Place>()
  const sizes = new Map<string, number>()
  const bases = createBaseCache()
  const inTurn = createTurns()

  const scan = async () => {
    const names = await readdir(folder)
    for (const name of names.filter((one) => one.endsWith('.idx') && !packs.has(one))) {
      const offsets = parseIndex(await readFile(join(folder, name)))
      const file = await open(join(folder, name.replace(/idx$/, 'pack')))
      const end = (await file.stat()).size - 20
      const pack = { name, file, starts: [...offsets.values(), end].sort((a, b) => a - b) }
      packs.set(name, pack)
      for (const [oid, start] of offsets) places.set(oid, { pack, start })
    }
  }
  const has = async (oid: string): Promise<boolean> => {
    if (!places.has(oid)) await inTurn(scan)
    return places.has(oid)
  }
  const find = async (oid: string): Promise<Place> => {
    await has(oid)
    const place = places.get(oid)
    if (place === undefined) throw new Error(`object ${oid} is in no pack`)
    return place
  }
  const readAt = async (place: Place): Promise<Buffer> => {
    const bytes = await bytesAt(place, endOf(place) - place.start)
    const head = parseHead(bytes, place.start)
    const content = inflate(bytes.subarray(head.length), head.size)
    if (content.length !== head.size) throw new Error('an object of a pack has another size than its header says')
    if (head.base === undefined) return content
    const base = typeof head.base === 'string' ? await find(head.base) : { pack: place.pack, start: head.base }
    return applyDelta(await bases.get(base, readAt), content)
  }

  return {
    size: async (oid) => {
      const known = sizes.get(oid)
      if (known !== undefined) return known
      const place = await find(oid)
      const bytes = await bytesAt(place, HEAD_BYTES)
      const head = parseHead(bytes, place.start)
      const size = head.base === undefined ? head.size : deltaResultSize(bytes.subarray(head.length))
      sizes.set(oid, size)
      return size
    },
    read: async (oid) => readAt(await find(oid)),
    has,
    close: async () => {
      for (const { file } of packs.values()) await file.close()
      packs.clear()
      places.clear()
    },
  }
}

/** Into a buffer of its size: Node's own of 16 KiB for each small file would keep the garbage collector busy. */
function inflate(deflated: Buffer, size: number): Buffer {
  return inflateSync(deflated, { maxOutputLength: Math.max(size, 1), chunkSize: Math.min(Math.max(size, 64), 65_536) })
}

async function bytesAt({ pack, start }: Place, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await pack.file.read(Buffer.allocUnsafe(length), 0, length, start)
  return buffer.subarray(0, bytesRead)
}

/** Where the next object begins: binary search. */
function endOf({ pack: { starts }, start }: Place): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) > start) high = middle
    else low = middle + 1
  }
  return starts[low] ?? start
}

/** Version 2: magic, version, 256 counts, ids, CRCs, 31-bit offsets. */
function parseIndex(index: Buffer): ReadonlyMap<string, number> {
  const ids = 8 + 256 * 4
  const count = index.readUInt32BE(ids - 4)
  const offsets = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const oid = index.toString('hex', ids + i * 20, ids + i * 20 + 20)
    offsets.set(oid, index.readUInt32BE(ids + count * 24 + i * 4))
  }
  return offsets
}

interface Head {
  readonly length: number
  /** Of the object, or of the delta that makes it. */
  readonly size: number
  /** What a delta starts from: an offset in the same pack, or an id. */
  readonly base?: number | string
}

function parseHead(bytes: Buffer, start: number): Head {
  const head = createByteCursor(bytes)
  const first = head.byte()
  const type = (first >> 4) & 7
  const size = first & 0x80 ? (first & 15) + 16 * head.varint() : first & 15
  if (type === OFS_DELTA) return { base: start - head.offset(), size, length: head.at() }
  if (type === REF_DELTA) return { base: head.take(20).toString('hex'), size, length: head.at() }
  return { size, length: head.at() }
}

/** A delta begins with the size of its base and the size of its result. */
function deltaResultSize(deflated: Buffer): number {
  const delta = createByteCursor(inflateSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 256 }))
  delta.varint()
  return delta.varint()
}

/** Readings and not only their results: of a thousand deltas that are read at once, the first reads their base. */
function createBaseCache() {
  const kept = new Map<string, Promise<Buffer>>()
  let bytes = 0
  const count = (content: Buffer) => {
    bytes += content.length
    if (bytes <= KEPT_BASE_BYTES) return
    kept.clear()
    bytes = 0
  }
  return {
    get: (place: Place, read: (place: Place) => Promise<Buffer>): Promise<Buffer> => {
      const key = `${place.pack.name} ${place.start}`
      const known = kept.get(key)
      if (known !== undefined) return known
      const reading = read(place)
      kept.set(key, reading)
      reading.then(count, () => kept.delete(key))
      return reading
    },
  }
}
