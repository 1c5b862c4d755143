import { describe, expect, it } from 'vitest'
import { createByteCursor } from '../../src/source/byte-cursor.ts'
import { applyDelta } from '../../src/source/pack-delta.ts'

const base = Buffer.from('hello world')

describe('gitformat-pack(5), deltified representation', () => {
  it('joins parts of the base and parts given', () => {
    // base 11, result 9; copy 5 from 6; insert "!"; copy 3 from 0.
    const delta = Buffer.from([11, 9, 0b1001_0001, 6, 5, 1, 0x21, 0b1001_0000, 3])
    expect(applyDelta(base, delta).toString()).toBe('world!hel')
  })

  it('takes no length for 64 KiB', () => {
    const large = Buffer.alloc(70_000, 'x')
    const delta = Buffer.from([0xf0, 0xa2, 0x04, 0x80, 0x80, 0x04, 0x80])
    expect(applyDelta(large, delta)).toHaveLength(0x10000)
  })

  it.each([
    ['is for another base', [12, 5, 0b1001_0000, 5]],
    ['makes less than it says', [11, 9, 0b1001_0000, 5]],
    ['makes more than it says', [11, 2, ...Array.from({ length: 100 }, () => [0b1001_0000, 11]).flat()]],
    ['ends too early', [11, 5, 5, 0x21]],
  ])('refuses a delta that %s', (_, delta) => {
    expect(() => applyDelta(base, Buffer.from(delta))).toThrow(RangeError)
  })
})

describe('numbers of git', () => {
  it('are read lowest bits first, or for offsets highest first', () => {
    expect(createByteCursor(Buffer.from([0xe5, 0x8e, 0x26])).varint()).toBe(624_485)
    expect(createByteCursor(Buffer.from([0x80, 0x00])).offset()).toBe(128)
    expect(createByteCursor(Buffer.from([0x7f])).offset()).toBe(127)
  })

  it('do not read past the end', () => {
    expect(() => createByteCursor(Buffer.from([0x80])).varint()).toThrow(RangeError)
    expect(() => createByteCursor(Buffer.from([1])).take(2)).toThrow(RangeError)
  })
})
