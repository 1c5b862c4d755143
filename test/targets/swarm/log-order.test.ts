import { describe, expect, it } from 'vitest'
import { byTime, withLastWords } from '../../../src/targets/swarm/log-order.ts'

const line = (seconds: string, text: string, isError = false) => ({
  text: `2026-03-01T03:00:0${seconds.padEnd(11, '0')}Z ${text}`,
  isError,
})
const words = (lines: readonly { readonly text: string }[]) =>
  lines.map(({ text }) => text.slice(text.indexOf(' ') + 1))

const crash = [
  line('1.1', 'warning: no cache', true),
  line('3.100000001', 'step 1'),
  line('3.100000003', 'fatal: no database', true),
  line('3.100000002', 'step 2'),
  line('3.100000004', 'step 3'),
]

describe('lines of a log', () => {
  it('stand in the order of time', () => {
    expect(words(byTime(crash))).toEqual(['warning: no cache', 'step 1', 'step 2', 'fatal: no database', 'step 3'])
  })

  it('of a failure end with its last words, which the engine may have read before earlier lines', () => {
    expect(words(withLastWords(crash))).toEqual([
      'warning: no cache',
      'step 1',
      'step 2',
      'step 3',
      'fatal: no database',
    ])
  })

  it('keep the order where time tells it', () => {
    const late = [...crash, line('4.0', 'stopped by a signal')]
    expect(words(withLastWords(late)).slice(-2)).toEqual(['step 3', 'stopped by a signal'])
    expect(withLastWords([])).toEqual([])
    expect(words(withLastWords([line('x', 'no time')]))).toEqual(['no time'])
  })
})
