import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeId, parseId, partsOf } from '../../src/model/id.ts'

it('an id reads as people write it: a path stays a path, a unit its name', () => {
  expect(makeId({ target: 'app-1', kind: 'File', name: '/opt/web/.env' })).toBe('app-1/File//opt/web/.env')
  expect(makeId({ target: 'app-1', kind: 'Unit', name: 'web@1.service' })).toBe('app-1/Unit/web@1.service')
})

it('an id is one word, and says its parts again, whatever they are', () => {
  const word = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/\p{Surrogate}/u.test(text))
  fc.assert(
    fc.property(word, word, word, (target, kind, name) => {
      const id = makeId({ target, kind, name })
      expect(partsOf(id)).toEqual({ target, kind, name })
      expect(id).not.toMatch(/\s|\p{Cc}/u)
    }),
    { numRuns: 1_000 },
  )
})

it.each(['', 'a', 'a/b', 'a/b/', '/b/c', 'a//c', 'a/b/%', 'a/b/%E0%A4%A'])('%j is no id', (text) => {
  expect(parseId(text)).toBeUndefined()
})
