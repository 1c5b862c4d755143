import { createByteCursor } from './byte-cursor.ts'

/** The object that a delta makes of its base: parts copied from the base and parts given (gitformat-pack(5), deltified). */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const cursor = createByteCursor(delta)
  if (cursor.varint() !== base.length) throw new RangeError('a delta is for another base')
  const size = cursor.varint()
  const parts: Buffer[] = []
  let sum = 0
  while (cursor.at() < delta.length) {
    const code = cursor.byte()
    const part = code & 0x80 ? copied(base, code, cursor.byte) : cursor.take(code)
    sum += part.length
    // Seven bytes can ask for 16 MiB: a delta is stopped at the size that was judged by the limits.
    if (sum > size) break
    parts.push(part)
  }
  if (sum !== size) throw new RangeError('a delta makes another size than it says')
  return Buffer.concat(parts)
}

/** Bits 0 to 3 of the code say which bytes of the offset follow, bits 4 to 6 which of the length; no length means 64 KiB. */
function copied(base: Buffer, code: number, byte: () => number): Buffer {
  const read = (bit: number, shift: number) => (code & (1 << bit) ? byte() * 2 ** shift : 0)
  const start = read(0, 0) + read(1, 8) + read(2, 16) + read(3, 24)
  const length = read(4, 0) + read(5, 8) + read(6, 16) || 0x10000
  return base.subarray(start, start + length)
}
