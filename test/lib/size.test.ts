import { describe, expect, it } from 'vitest'
import { formatSize, isSize, parseSize } from '../../src/lib/size.ts'

describe('parseSize', () => {
  it.each([
    ['256MiB', 268_435_456],
    ['10m', 10_485_760],
    ['10M', 10_485_760],
    ['10MB', 10_485_760],
    ['10mb', 10_485_760],
    ['4GiB', 4_294_967_296],
    ['1.5g', 1_610_612_736],
    ['512b', 512],
    ['512', 512],
    ['1 KiB', 1024],
    [1024, 1024],
    [0, 0],
    ['1TiB', 1_099_511_627_776],
  ])('reads %s as %d bytes', (written, bytes) => {
    expect(parseSize(written)).toBe(bytes)
    expect(isSize(written)).toBe(true)
  })

  it.each(['', 'm', '-1', '-1m', '10x', '10 mi', '10mm', '1,5g', '512ib', '1e3', 'Infinity', -1, Number.NaN, '1m\n'])(
    'refuses %j',
    (written) => {
      expect(() => parseSize(written)).toThrow(`'${written}' is not a size like 256MiB, 10m, 4GiB or a number of bytes`)
      expect(isSize(written)).toBe(false)
    },
  )

  it('refuses what cannot be counted exactly', () => {
    expect(() => parseSize('9p')).toThrow("the size '9p' is larger than 8 PiB")
  })
})

describe('formatSize', () => {
  it.each([
    [0, '0B'],
    [1023, '1023B'],
    [1500, '1.5KiB'],
    [268_435_456, '256MiB'],
    [52_428_800, '50MiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text)
  })
})
