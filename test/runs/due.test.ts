import { describe, expect, it } from 'vitest'
import { createTimetable, dueBetween } from '../../src/runs/due.ts'

const MOST = 500

/** Oldest first, as ISO minutes. */
function due(cron: string, timezone: string, from: string, to: string): readonly string[] {
  const found = dueBetween(createTimetable({ cron, timezone }), Date.parse(from), Date.parse(to), MOST)
  return found.map((at) => `${new Date(at).toISOString().slice(0, 16)}Z`).reverse()
}

const AUTUMN = ['2026-10-24T12:00Z', '2026-10-25T12:00Z'] as const // 03:00 CEST becomes 02:00 CET at 01:00Z
const SPRING = ['2026-03-28T12:00Z', '2026-03-29T12:00Z'] as const // 02:00 CET becomes 03:00 CEST at 01:00Z

describe('when a schedule is due', () => {
  it('is told by the clocks of its zone', () => {
    expect(due('0 7 * * *', 'Europe/Amsterdam', '2026-07-01T00:00Z', '2026-07-03T00:00Z')).toEqual([
      '2026-07-01T05:00Z',
      '2026-07-02T05:00Z',
    ])
    expect(due('30 9 * * 1-5', 'Asia/Kolkata', '2026-11-20T00:00Z', '2026-11-24T00:00Z')).toEqual([
      '2026-11-20T04:00Z',
      '2026-11-23T04:00Z',
    ])
  })

  it('is after the one minute and until the other, newest first, and no more than are asked for', () => {
    const each = createTimetable({ cron: '* * * * *', timezone: 'UTC' })
    const at = Date.parse('2026-11-21T07:00Z')
    expect(dueBetween(each, at, at, MOST)).toEqual([])
    expect(dueBetween(each, at, at + 130_000, MOST)).toEqual([at + 120_000, at + 60_000])
    expect(dueBetween(each, at, at + 130_000, 1)).toEqual([at + 120_000])
  })

  it('of an hour that comes twice is its first time', () => {
    expect(due('30 2 * * *', 'Europe/Amsterdam', ...AUTUMN)).toEqual(['2026-10-25T00:30Z'])
    expect(due('*/20 2 * * *', 'Europe/Amsterdam', ...AUTUMN)).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:20Z',
      '2026-10-25T00:40Z',
    ])
    expect(due('0 3 * * *', 'Europe/Amsterdam', ...AUTUMN)).toEqual(['2026-10-25T02:00Z'])
  })

  it('of a time that is skipped is right after it, once', () => {
    expect(due('30 2 * * *', 'Europe/Amsterdam', ...SPRING)).toEqual(['2026-03-29T01:00Z'])
    expect(due('0,15,30 2,3 * * *', 'Europe/Amsterdam', ...SPRING)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-29T01:15Z',
      '2026-03-29T01:30Z',
    ])
    // Half an hour, on Lord Howe: 02:00 becomes 02:30 at 15:30Z.
    expect(due('10 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00Z', '2026-10-03T20:00Z')).toEqual([
      '2026-10-03T15:30Z',
    ])
  })

  it('of every hour, or minute, is time as it passes', () => {
    expect(due('0 * * * *', 'Europe/Amsterdam', '2026-10-24T23:30Z', '2026-10-25T03:30Z')).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T01:00Z',
      '2026-10-25T02:00Z',
      '2026-10-25T03:00Z',
    ])
    expect(due('0 */2 * * *', 'Europe/Amsterdam', '2026-03-28T23:30Z', '2026-03-29T03:30Z')).toEqual([
      '2026-03-29T02:00Z',
    ])
  })

  it('is found in a month of minutes without a pause that anybody notices', () => {
    const timetable = createTimetable({ cron: '0 7 1 1 *', timezone: 'Europe/Amsterdam' })
    const until = Date.parse('2026-11-21T07:00Z')
    const began = performance.now()
    expect(dueBetween(timetable, until - 31 * 86_400_000, until, MOST)).toEqual([])
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})
