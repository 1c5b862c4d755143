import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseGoCpus } from '../../src/compose/go/cpus.ts'
import { parseGoDuration, printGoDuration } from '../../src/compose/go/duration.ts'
import { parseGoSize } from '../../src/compose/go/size.ts'
import { splitGoWords } from '../../src/compose/go/words.ts'
import { readYaml } from '../../src/compose/yaml/read-yaml.ts'

describe('durations', () => {
  it.each([
    ['0', 0n, '0s'],
    ['1.5s', 1_500_000_000n, '1.5s'],
    ['90s', 90_000_000_000n, '1m30s'],
    ['1h', 3_600_000_000_000n, '1h0m0s'],
    ['1h0.5s', 3_600_500_000_000n, '1h0m0.5s'],
    ['-5s', -5_000_000_000n, '-5s'],
    ['500ms', 500_000_000n, '500ms'],
    ['1.5µs', 1500n, '1.5µs'],
    ['12ns', 12n, '12ns'],
    ['.5s', 500_000_000n, '500ms'],
    ['5.s', 5_000_000_000n, '5s'],
  ])('%s', (text, nanoseconds, printed) => {
    expect(parseGoDuration(text)).toBe(nanoseconds)
    expect(printGoDuration(nanoseconds)).toBe(printed)
  })

  it.each(['', '5', '1d', 's', '.s', '1h x', '5 s', '9999999999h'])('%j is none', (text) => {
    expect(parseGoDuration(text)).toBeUndefined()
  })

  it('what is printed is read as the same', () => {
    fc.assert(fc.property(fc.bigInt(-(2n ** 62n), 2n ** 62n), (ns) => parseGoDuration(printGoDuration(ns)) === ns))
  })
})

it.each([
  ['50M', 52_428_800],
  ['1.5GiB', 1_610_612_736],
  ['1gb', 1_073_741_824],
  ['1024', 1024],
  ['5 k', 5120],
  ['5b', 5],
  ['1e3', 1000],
  ['-5', undefined],
  ['5X', undefined],
  ['5ib', undefined],
  ['1.5.5', undefined],
  ['', undefined],
])('the size %j is %s bytes', (text, bytes) => {
  expect(parseGoSize(text)).toBe(bytes)
})

it.each([
  ['0.5', 500_000_000],
  ['1/2', 500_000_000],
  ['1e-3', 1_000_000],
  ['2', 2_000_000_000],
  ['0.000000001', 1],
])('%s CPUs are %s billionths', (text, nano) => {
  expect(parseGoCpus(text)).toBe(nano)
})

it('finer than a billionth of a CPU is refused, and what is no number', () => {
  expect(parseGoCpus('0.0000000001')).toBe('it is finer than a billionth')
  expect(parseGoCpus('half')).toBe('it is not a number')
  expect(parseGoCpus('1/0')).toBe('it is not a number')
})

it.each([
  ['a  b\tc\nd', ['a', 'b', 'c', 'd']],
  ['a \'b c\' "d \\" e"', ['a', 'b c', 'd " e']],
  ['a#b # comment\nc', ['a#b', 'c']],
  ["''", ['']],
  ['a\\ b', ['a b']],
  ['x\'y\'"z"', ['xyz']],
  ['', []],
  ["'open", undefined],
  ['end\\', undefined],
])('the command %j', (text, words) => {
  expect(splitGoWords(text)).toEqual(words)
})

describe('reading YAML', () => {
  const fragments = fc.array(
    fc.constantFrom(
      'a',
      ': ',
      '\n',
      ' ',
      '  ',
      '- ',
      '? ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '|',
      '>',
      '&a ',
      '*a',
      '!t ',
      '#',
      '---\n',
      '...',
      '%YAML 1.1\n',
      '\t',
      '\\',
      '<<',
      'é',
      '\u2028',
    ),
    { maxLength: 60 },
  )

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fragments, (parts) => {
        const { root, flaws } = readYaml(Buffer.from(parts.join('')))
        expect(root !== undefined || flaws.length >= 0).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readYaml(bytes).lines !== undefined))
  })

  it.each([
    ['brackets', '['.repeat(200_000)],
    ['items', '- '.repeat(200_000)],
    ['an open quote', `a: "${'b\n'.repeat(200_000)}`],
    ['empty lines', '\n'.repeat(400_000)],
    ['colons', `a${':'.repeat(400_000)}`],
  ])('takes no longer than its length: %s', (_, text) => {
    const begin = performance.now()
    readYaml(Buffer.from(text))
    expect(performance.now() - begin).toBeLessThan(5000)
  })
})
