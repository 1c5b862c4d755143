import { describe, expect, test } from 'vitest'
import { didYouMean, nearest } from '../../src/lib/nearest.ts'

describe('the nearest word', () => {
  test.each([
    ['replcas', ['replicas', 'image', 'restart'], 'replicas'],
    ['imgae', ['image', 'init'], 'image'],
    ['Networks', ['networks'], 'networks'],
    ['prdo', ['prod', 'staging'], 'prod'],
    ['zzz', ['prod', 'staging'], undefined],
    ['', ['prod'], undefined],
  ])('of %s in %j is %s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected)
  })

  test('does not depend on the order of equally near candidates', () => {
    expect(nearest('cat', ['hat', 'bat'])).toBe('bat')
    expect(nearest('cat', ['bat', 'hat'])).toBe('bat')
  })

  test('is said at the end of a message, or not at all', () => {
    expect(didYouMean('prdo', ['prod'])).toBe("; did you mean 'prod'?")
    expect(didYouMean('prdo', [])).toBe('')
  })
})
