import { expect, test } from 'vitest'
import { FLEET, lines, read } from './read.ts'

const withWindows = (...windows: readonly string[]) =>
  read({ 'swarmkeeper.yaml': `${FLEET}windows:\n${windows.map((window) => `  - ${window}\n`).join('')}` })

test('windows of every form are accepted', () => {
  const documents = withWindows(
    '{ deny: "Fri 18:00 - Mon 07:00", timezone: Europe/Amsterdam }',
    '{ deny: "22:00 - 06:00" }',
    '{ deny: "Mon-Fri 08:00 - 18:00", timezone: UTC }',
  )
  expect(lines(documents)).toEqual([])
})

test('a window that cannot be read is refused where it is written, with why and an example', () => {
  expect(lines(withWindows('{ deny: "Friday 18:00 - Mon 07:00" }'))).toEqual([
    "swarmkeeper.yaml:4:13 /windows/0/deny: 'Friday 18:00 - Mon 07:00' is not a window like 'Fri 18:00 - Mon 07:00', " +
      "'Mon-Fri 08:00 - 18:00' or '22:00 - 06:00': 'Friday' is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun",
  ])
})

test('a time zone that nobody knows is refused, with the one that was meant', () => {
  expect(lines(withWindows('{ deny: "22:00 - 06:00", timezone: Europe/Amsterdm }'))).toEqual([
    "swarmkeeper.yaml:4:40 /windows/0/timezone: 'Europe/Amsterdm' is not the IANA name of a time zone like " +
      "Europe/Amsterdam or UTC; did you mean 'Europe/Amsterdam'?",
  ])
})

test('an offset is no time zone: it knows no summer time', () => {
  expect(lines(withWindows('{ deny: "22:00 - 06:00", timezone: "+02:00" }'))).toHaveLength(1)
})

test('while the windows cannot be read, every app waits: nobody knows when it may be changed', () => {
  expect([...withWindows('{ deny: never }').broken]).toEqual(['other'])
})
