import { describe, expect, it } from 'vitest'
import { formatDuration, isDuration, parseDuration, parseDurationNs } from '../../src/lib/duration.ts'

describe('parseDuration', () => {
  it.each([
    ['5s', 5000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1h', 3_600_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['0s', 0],
    ['1h0m1s', 3_601_000],
    ['250us', 0.25],
  ])('reads %s as %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
    expect(isDuration(text)).toBe(true)
  })

  it.each(['', ' ', 's', '5 s', '5S', '-5s', '1m30', '5s ', '1e3s', '1..5s', '5s5', '5sec', '5s\n', '٥s'])(
    'refuses %j',
    (text) => {
      expect(() => parseDuration(text)).toThrow(`'${text}' is not a duration like 5s, 1m30s, 500ms or 1h`)
      expect(isDuration(text)).toBe(false)
    },
  )

  it('says that a number alone has no unit', () => {
    expect(() => parseDuration('30')).toThrow("a number alone has no unit: '30s'?")
  })

  it('refuses what no one can mean', () => {
    expect(() => parseDuration('101d')).toThrow("'101d' is longer than 100 days")
    expect(parseDuration('100d')).toBe(8_640_000_000)
  })

  it('reads a long text in no time, and quotes only its beginning', () => {
    expect(() => parseDuration('1s'.repeat(500_000))).toThrow(/^'(1s){32}…' is not/)
  })

  it('counts whole nanoseconds for the Engine', () => {
    expect(parseDurationNs('1ns')).toBe(1)
    expect(parseDurationNs('0.3s')).toBe(300_000_000)
    expect(parseDurationNs('1m30s')).toBe(90_000_000_000)
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [500, '500ms'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [90_061_001, '1d1h1m1s1ms'],
  ])('writes %d ms as %s, which reads back', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
    expect(parseDuration(text)).toBe(milliseconds)
  })
})
