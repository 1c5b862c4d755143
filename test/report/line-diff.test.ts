import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineDiff } from '../../src/report/line-diff.ts'

test('of two texts only the lines that differ are shown, in their order', () => {
  expect(lineDiff('[Service]\nUser=a\nExecStart=/x\n', '[Service]\nUser=b\nExecStart=/x\nNice=5\n')).toEqual([
    '- User=a',
    '+ User=b',
    '+ Nice=5',
  ])
})

test('what one line can say is left to one line', () => {
  expect(lineDiff('a', 'b')).toBeUndefined()
  expect(lineDiff('0644', '0600')).toBeUndefined()
  expect(lineDiff(1, 2)).toBeUndefined()
})

test('a text that comes or goes is shown whole', () => {
  expect(lineDiff(undefined, 'a\nb\nc\n')).toEqual(['+ a', '+ b', '+ c'])
  expect(lineDiff('a\nb\nc\n', undefined)).toEqual(['- a', '- b', '- c'])
})

test('a missing newline is said, and very much is cut', () => {
  expect(lineDiff('a\nb\nc', 'a\nb\nc\n')).toEqual(['only the newline at the end differs'])
  const many = Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n')
  expect(lineDiff(undefined, many)?.at(-1)).toBe('… 60 more')
})

test('the lines that go and come make the one text of the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2, maxLength: 12 })
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changed = lineDiff(before.join('\n'), after.join('\n')) ?? []
      const count = (list: readonly string[], line: string) => list.filter((one) => one === line).length
      for (const line of ['a', 'b', 'c']) {
        expect(count(before, line) - count(changed, `- ${line}`) + count(changed, `+ ${line}`)).toBe(count(after, line))
      }
    }),
    { numRuns: 1_000 },
  )
})
