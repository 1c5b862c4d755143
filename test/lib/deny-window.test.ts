import { describe, expect, test } from 'vitest'
import { parseDenyWindow } from '../../src/lib/deny-window.ts'

const everyDay = [0, 1, 2, 3, 4, 5, 6]

test.each([
  ['Fri 18:00 - Mon 07:00', { days: [5], from: 1080, spans: 3, to: 420 }],
  ['Mon 07:00 - Mon 18:00', { days: [1], from: 420, spans: 0, to: 1080 }],
  ['Mon 18:00 - Mon 07:00', { days: [1], from: 1080, spans: 7, to: 420 }],
  ['22:00 - 06:00', { days: everyDay, from: 1320, spans: 1, to: 360 }],
  ['00:00 - 24:00', { days: everyDay, from: 0, spans: 0, to: 1440 }],
  ['Mon-Fri 08:00 - 18:00', { days: [1, 2, 3, 4, 5], from: 480, spans: 0, to: 1080 }],
  ['Sat-Mon 08:00 - 18:00', { days: [6, 0, 1], from: 480, spans: 0, to: 1080 }],
  ['Sun 08:00-18:00', { days: [0], from: 480, spans: 0, to: 1080 }],
])('%s is a window', (text, expected) => {
  const { days, ...rest } = parseDenyWindow(text)
  expect({ days: days === everyDay ? everyDay : [...days], ...rest }).toEqual(expected)
})

describe('what is no window is refused, with why and with examples', () => {
  test.each([
    ['always', 'it has not that form'],
    ['18:00', 'it has not that form'],
    ['Fryday 18:00 - Mon 07:00', "'Fryday' is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun"],
    ['fri 18:00 - Mon 07:00', "'fri' is none of"],
    ['18:00 - Mon 07:00', 'a day at its end needs exactly one day at its beginning'],
    ['Mon-Fri 18:00 - Mon 07:00', 'a day at its end needs exactly one day at its beginning'],
    ['Mon-Wed-Fri 18:00 - 19:00', "'Mon-Wed-Fri' is no day"],
    ['08:00 - 08:00', 'it begins and ends at the same time'],
    ['Mon 08:00 - Mon 08:00', 'it begins and ends at the same time'],
    ['8:00 - 18:00', "'8:00' is no time from 00:00 to 24:00, with two digits each"],
    ['08:60 - 18:00', "'08:60' is no time"],
    ['08:00 - 24:01', "'24:01' is no time"],
    ['24:00 - 06:00', 'it begins at 24:00: write 00:00 of the next day'],
  ])('%s', (text, why) => {
    expect(() => parseDenyWindow(text)).toThrow(why)
    expect(() => parseDenyWindow(text)).toThrow("like 'Fri 18:00 - Mon 07:00', 'Mon-Fri 08:00 - 18:00' or")
  })
})
