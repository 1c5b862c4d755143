import { describe, expect, test } from 'vitest'
import type { Window } from '../../src/model/desired.ts'
import { denyingWindow } from '../../src/plan/windows.ts'

const amsterdam = (deny: string): Window => ({ deny, timezone: 'Europe/Amsterdam' })
const utc = (deny: string): Window => ({ deny, timezone: 'UTC' })

/** Until when, as ISO text without seconds; `open` where nothing denies. */
function until(windows: readonly Window[], now: string): string {
  return denyingWindow(windows, new Date(now))?.until.toISOString().replace(':00.000Z', 'Z') ?? 'open'
}

test('without windows nothing is denied', () => {
  expect(denyingWindow([], new Date('2025-01-01T00:00:00Z'))).toBeUndefined()
})

describe('a weekend, from Friday evening to Monday morning', () => {
  const weekend = [utc('Fri 18:00 - Mon 07:00')]

  test.each([
    ['2025-06-06T17:59:59.999Z', 'open'], // a Friday
    ['2025-06-06T18:00:00Z', '2025-06-09T07:00Z'],
    ['2025-06-07T12:00:00Z', '2025-06-09T07:00Z'],
    ['2025-06-09T06:59:59.999Z', '2025-06-09T07:00Z'],
    ['2025-06-09T07:00:00Z', 'open'],
  ])('at %s: %s', (now, expected) => {
    expect(until(weekend, now)).toBe(expected)
  })

  test('the text says which window, and by whose clocks', () => {
    const denying = denyingWindow([amsterdam('Fri 18:00 - Mon 07:00')], new Date('2025-06-07T12:00:00Z'))
    expect(denying).toEqual({
      until: new Date('2025-06-09T05:00:00Z'),
      text: 'Fri 18:00 - Mon 07:00 (Europe/Amsterdam)',
    })
  })
})

describe('a window without a day is on every day', () => {
  test.each([
    ['2025-06-04T21:59:00Z', 'open'],
    ['2025-06-04T22:00:00Z', '2025-06-05T06:00Z'],
    ['2025-06-05T05:59:00Z', '2025-06-05T06:00Z'],
    ['2025-06-05T06:00:00Z', 'open'],
  ])('over midnight, at %s: %s', (now, expected) => {
    expect(until([utc('22:00 - 06:00')], now)).toBe(expected)
  })

  test('within a day', () => {
    expect(until([utc('08:00 - 18:00')], '2025-06-05T12:00:00Z')).toBe('2025-06-05T18:00Z')
    expect(until([utc('08:00 - 18:00')], '2025-06-05T19:00:00Z')).toBe('open')
  })
})

describe('a window on each of some days', () => {
  const office = [utc('Mon-Fri 08:00 - 18:00')]

  test('is on these, and on no other', () => {
    expect(until(office, '2025-06-06T17:00:00Z')).toBe('2025-06-06T18:00Z') // Friday
    expect(until(office, '2025-06-07T12:00:00Z')).toBe('open') // Saturday
    expect(until(office, '2025-06-09T08:00:00Z')).toBe('2025-06-09T18:00Z') // Monday
  })

  test('may go over the end of the week', () => {
    expect(until([utc('Sat-Mon 00:00 - 24:00')], '2025-06-08T12:00:00Z')).toBe('2025-06-10T00:00Z')
    expect(until([utc('Sat-Mon 00:00 - 24:00')], '2025-06-10T00:00:00Z')).toBe('open')
  })

  test('of which the last may end on the next morning', () => {
    expect(until([utc('Fri 22:00 - 06:00')], '2025-06-07T05:00:00Z')).toBe('2025-06-07T06:00Z')
    expect(until([utc('Fri 22:00 - 06:00')], '2025-06-06T05:00:00Z')).toBe('open')
  })
})

describe('by the clocks of its place', () => {
  test('the same hours are other instants in winter and in summer', () => {
    const office = [amsterdam('08:00 - 18:00')]
    expect(until(office, '2025-01-15T16:30:00Z')).toBe('2025-01-15T17:00Z')
    expect(until(office, '2025-07-15T16:30:00Z')).toBe('open')
    expect(until(office, '2025-07-15T06:00:00Z')).toBe('2025-07-15T16:00Z')
  })

  test('the day is that of the place, not that of UTC', () => {
    // Friday 23:30 in UTC is Saturday in Auckland already.
    expect(until([{ deny: 'Fri 00:00 - 24:00', timezone: 'Pacific/Auckland' }], '2025-06-06T23:30:00Z')).toBe('open')
    expect(until([{ deny: 'Sat 00:00 - 24:00', timezone: 'Pacific/Auckland' }], '2025-06-06T23:30:00Z')).toBe(
      '2025-06-07T12:00Z',
    )
  })

  test('a weekend in which summer time begins is an hour shorter', () => {
    const weekend = [amsterdam('Fri 18:00 - Mon 07:00')]
    expect(until(weekend, '2025-03-28T16:59:00Z')).toBe('open')
    expect(until(weekend, '2025-03-28T17:00:00Z')).toBe('2025-03-31T05:00Z')
  })

  test('a weekend in which summer time ends is an hour longer', () => {
    const weekend = [amsterdam('Fri 18:00 - Mon 07:00')]
    expect(until(weekend, '2025-10-24T16:00:00Z')).toBe('2025-10-27T06:00Z')
    expect(until(weekend, '2025-10-27T06:00:00Z')).toBe('open')
  })
})

describe('as summer time begins, 02:00 to 03:00 is skipped (2025-03-30 01:00 UTC in Amsterdam)', () => {
  test('what ends in the skipped hour ends as it is skipped', () => {
    expect(until([amsterdam('22:00 - 02:30')], '2025-03-30T00:59:00Z')).toBe('2025-03-30T01:00Z')
    expect(until([amsterdam('22:00 - 02:30')], '2025-03-30T01:00:00Z')).toBe('open')
  })

  test('what begins in the skipped hour begins as it is skipped', () => {
    expect(until([amsterdam('02:30 - 06:00')], '2025-03-30T00:59:59Z')).toBe('open')
    expect(until([amsterdam('02:30 - 06:00')], '2025-03-30T01:00:00Z')).toBe('2025-03-30T04:00Z')
  })

  test('what lies in it is not on that day', () => {
    expect(until([amsterdam('02:15 - 02:45')], '2025-03-30T01:00:00Z')).toBe('open')
    expect(until([amsterdam('02:15 - 02:45')], '2025-03-29T01:20:00Z')).toBe('2025-03-29T01:45Z')
  })
})

describe('as summer time ends, 02:00 to 03:00 comes twice (2025-10-26 00:00 to 02:00 UTC in Amsterdam)', () => {
  test('what ends in it ends the second time', () => {
    expect(until([amsterdam('22:00 - 02:30')], '2025-10-26T00:45:00Z')).toBe('2025-10-26T01:30Z')
    expect(until([amsterdam('22:00 - 02:30')], '2025-10-26T01:30:00Z')).toBe('open')
  })

  test('what begins in it begins the first time', () => {
    expect(until([amsterdam('02:30 - 06:00')], '2025-10-26T00:29:00Z')).toBe('open')
    expect(until([amsterdam('02:30 - 06:00')], '2025-10-26T00:30:00Z')).toBe('2025-10-26T05:00Z')
    expect(until([amsterdam('02:30 - 06:00')], '2025-10-26T01:15:00Z')).toBe('2025-10-26T05:00Z')
  })
})

describe('several windows', () => {
  test('where one ends as another begins, or while it lasts, it is the end of both', () => {
    const both = [utc('12:00 - 14:00'), utc('08:00 - 12:00'), utc('13:00 - 15:00')]
    expect(until(both, '2025-06-05T09:00:00Z')).toBe('2025-06-05T15:00Z')
    expect(until(both, '2025-06-05T15:00:00Z')).toBe('open')
  })

  test('the one that denies now is named', () => {
    const windows = [utc('Sat 00:00 - 24:00'), amsterdam('08:00 - 12:00')]
    expect(denyingWindow(windows, new Date('2025-06-05T09:00:00Z'))?.text).toBe('08:00 - 12:00 (Europe/Amsterdam)')
  })

  test('windows that leave no time at all deny for ever, eight days ahead each time', () => {
    const found = denyingWindow([utc('00:00 - 24:00')], new Date('2025-06-05T09:00:00Z'))
    expect(found?.until.getTime()).toBeGreaterThan(Date.parse('2025-06-12T00:00:00Z'))
  })
})

test('all over a year, what denies is over at `until` and not a minute before', () => {
  const windows = [amsterdam('Fri 18:00 - Mon 07:00'), amsterdam('22:00 - 06:00')]
  for (let now = Date.parse('2025-01-01T00:00:00Z'); now < Date.parse('2026-01-01T00:00:00Z'); now += 1511 * 60_000) {
    const denying = denyingWindow(windows, new Date(now))
    if (!denying) continue
    expect(denying.until.getTime()).toBeGreaterThan(now)
    expect(denyingWindow(windows, denying.until)).toBeUndefined()
    expect(denyingWindow(windows, new Date(denying.until.getTime() - 60_000))?.until).toEqual(denying.until)
  }
})
