import { describe, expect, it } from 'vitest'
import { matcherOf } from './glob.ts'

describe('the pattern of a replay', () => {
  it.each([
    ['*.yml', ['a.yml', 'x/y/a.yml'], ['a.yaml', 'a.yml/b']],
    ['stacks/*.yml', ['stacks/a.yml'], ['a.yml', 'stacks/x/a.yml', 'other/stacks/a.yml']],
    ['**/docker-compose.{yml,yaml}', ['docker-compose.yml', 'x/y/docker-compose.yaml'], ['x/docker-compose.json']],
    ['stacks/**/*.y?ml', ['stacks/a.yaml', 'stacks/x/y/a.yaml'], ['stacks/a.yml', 'a.yaml']],
    ['./a+b.yml', ['a+b.yml'], ['aab.yml']],
  ])('%s', (pattern, those, others) => {
    expect([...those, ...others].filter(matcherOf(pattern))).toEqual(those)
  })
})
