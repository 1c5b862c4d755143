import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeJson, unmergeJson } from '../../../src/kinds/file/json-merge.ts'
import { readJson } from '../../../src/kinds/file/json-text.ts'
import type { JsonObject } from '../../../src/kinds/file/spec.ts'

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`

describe('keys merged into a text', () => {
  it.each([
    ['an empty file', '', { a: 1 }, '{\n  "a": 1\n}\n'],
    ['an empty object', '{}\n', { a: { b: [] } }, lines('{', '  "a": {', '    "b": []', '  }', '}')],
    ['one line', '{"a":1}', { b: { c: 2 } }, '{"a":1,"b":{"c":2}}'],
    ['one line with room', '{ "a": 1, "z": 2 }', { b: 2 }, '{ "a": 1, "z": 2, "b": 2 }'],
    ['tabs', '{\n\t"a": 1\n}', { b: { c: 2 } }, '{\n\t"a": 1,\n\t"b": {\n\t\t"c": 2\n\t}\n}'],
    ['lines of Windows', '{\r\n  "a": 1\r\n}\r\n', { b: 2 }, '{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n'],
    ['a key that is there twice', '{"a": 1, "a": 2}', { a: 3 }, '{"a": 1, "a": 3}'],
    ['a value where an object goes', '{"a": 1, "z": 9}', { a: { b: 2 } }, '{"a": {"b":2}, "z": 9}'],
    ['escaped keys', '{"a/b": 1, "c~d": 2}', { 'a/b': 3, 'c~d': 4 }, '{"a/b": 3, "c~d": 4}'],
  ])('fit into %s', (_, before, merge, after) => {
    expect(mergeJson(before, merge as JsonObject, [])).toBe(after)
  })

  it('leave numbers that JavaScript cannot hold, and spaces that nobody else would write', () => {
    const text = '{"big": 123456789012345678901234567890,\n\n   "odd" :[1,2 ,3],  "e": 1.0e5 }'
    expect(mergeJson(text, { odd: [1] }, [])).toBe(text.replace('[1,2 ,3]', '[\n      1\n   ]'))
    expect(mergeJson(text, { new: true }, [])).toContain(
      '{"big": 123456789012345678901234567890,\n\n   "odd" :[1,2 ,3],  "e": 1.0e5',
    )
  })

  it.each([
    ['the only one', '{"a": 1}', ['/a'], undefined],
    ['the first', '{"a": 1, "b": 2}', ['/a'], '{"b": 2}'],
    ['the last', '{"b": 2, "a": 1}', ['/a'], '{"b": 2}'],
    [
      'one in the middle',
      lines('{', '  "a": 1,', '  "b": 2,', '  "c": 3', '}'),
      ['/b'],
      lines('{', '  "a": 1,', '  "c": 3', '}'),
    ],
    ['all of an inner object', '{"x": {"a": 1}, "b": 2}', ['/x/a'], '{"b": 2}'],
    ['some of an inner object', '{"x": {"a": 1, "c": 3}}', ['/x/a'], '{"x": {"c": 3}}'],
    ['one that is there twice', '{"a": 1, "b": 2, "a": 3}', ['/a'], '{"b": 2}'],
    ['one that is gone', '{"b": 2}', ['/a', '/x/y'], '{"b": 2}'],
  ])('go again: %s', (_, before, owns, after) => {
    expect(unmergeJson(before, owns)).toBe(after)
  })

  const keys = fc.constantFrom('a', 'b', 'c', 'd/e', '~', '', 'hasOwnProperty', 'ü')
  const json = (depth: number): fc.Arbitrary<unknown> =>
    depth === 0
      ? fc.oneof(fc.boolean(), fc.integer(), fc.string(), fc.constant(null), fc.array(fc.integer(), { maxLength: 2 }))
      : fc.oneof(json(0), fc.dictionary(keys, json(depth - 1), { maxKeys: 4 }))
  const object = fc.dictionary(keys, json(2), { maxKeys: 5 })
  const merges = object.filter((merge) => !JSON.stringify(merge).includes('null'))
  const indent = fc.constantFrom<string | number>('', 2, 4, '\t')

  it('give what a merge of the values gives, whatever the text looks like, and a second time the same text', () => {
    fc.assert(
      fc.property(object, merges, indent, (before, merge, space) => {
        const text = JSON.stringify(before, null, space)
        const after = mergeJson(text, merge as JsonObject, [])
        expect(JSON.parse(after)).toEqual(merged(before, merge))
        expect(mergeJson(after, merge as JsonObject, [])).toBe(after)
        expect(readJson(after).type).toBe('object')
      }),
    )
  })
})

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 7396 without its null. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    result[key] = merged(result[key], value)
  }
  return result
}
