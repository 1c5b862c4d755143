/** Reads the numbers of git's binary formats one after the other. Past the end it throws a RangeError. */
export interface ByteCursor {
  at(): number
  byte(): number
  take(length: number): Buffer
  /** Seven bits a byte, the lowest first. */
  varint(): number
  /** Seven bits a byte, the highest first, each continuation counting one more: how far back the base of a delta is. */
  offset(): number
}

export function createByteCursor(bytes: Buffer): ByteCursor {
  let at = 0
  const byte = () => bytes.readUInt8(at++)
  return {
    at: () => at,
    byte,
    take: (length) => {
      if (at + length > bytes.length) throw new RangeError('the bytes end too early')
      at += length
      return bytes.subarray(at - length, at)
    },
    varint: () => {
      let value = 0
      for (let factor = 1; ; factor *= 128) {
        const next = byte()
        value += (next & 0x7f) * factor
        if (!(next & 0x80)) return value
      }
    },
    offset: () => {
      let next = byte()
      let value = next & 0x7f
      while (next & 0x80) {
        next = byte()
        value = (value + 1) * 128 + (next & 0x7f)
      }
      return value
    },
  }
}
