import { describe, expect, it } from 'vitest'
import { canonicalExpr } from '../../src/promql/expr/canonical.ts'

describe('one query has one text, however it is written', () => {
  it.each([
    ['sum(rate(a[5m])) by (job)', 'sum by (job) (rate(a[300s]))'],
    ['a{b="c",d="e"}', "a{ d='e', b=`c` } # the same"],
    ['((a)) + (b)', 'a + b'],
    ['(a + b) * 2', '((a + b)) * 2.0'],
    ['a offset 90m', 'a offset 1h30m'],
    ['0x10 + a', '16 + a'],
    ['sum by () (a)', 'sum(a)'],
    ['a * ignoring () group_left b', 'a * b'],
    ['a @ 1.5 offset 1m', 'a offset 1m @ 1.5'],
    ['A AND B', 'A and B'],
  ])('%s and %s', (one, other) => {
    expect(canonicalExpr(one)).toBe(canonicalExpr(other))
  })

  it.each([
    ['a + b * c', '(a + b) * c'],
    ['-1 ^ 2', '(-1) ^ 2'],
    ['sum without () (a)', 'sum(a)'],
    ['a{b="c"}', 'a{b=~"c"}'],
    ['a offset 1m', 'a offset -1m'],
    ['a == b', 'a == bool b'],
  ])('%s is not %s', (one, other) => {
    expect(canonicalExpr(one)).not.toBe(canonicalExpr(other))
  })
})
