import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, it } from 'vitest'
import { checkExpr } from '../../src/promql/expr/check-expr.ts'
import { NotPromql } from '../../src/promql/expr/flaw.ts'
import { parseExpr } from '../../src/promql/expr/parse.ts'
import { EXPRESSIONS } from '../conformance/rules/words.ts'

/**
 * Prometheus' own grammar for editors. It accepts more (types, lengths, escapes), and its trees are no basis for types: in
 * `a + b offset 5m` and `-a[5m]` it takes the modifier for one of the whole, which Prometheus does not.
 */
function lezerAccepts(text: string): boolean {
  let accepts = true
  parser.parse(text).iterate({
    enter: ({ type }) => {
      accepts &&= !type.isError
    },
  })
  return accepts
}

function parses(text: string): boolean {
  try {
    parseExpr(text)
    return true
  } catch (error) {
    if (error instanceof NotPromql) return false
    throw error
  }
}

describe("what Prometheus' grammar for editors says", () => {
  it('nothing that we accept is refused by it', () => {
    const accepted = EXPRESSIONS.filter((text) => checkExpr(text).flaws.length === 0)
    expect(accepted.length).toBeGreaterThan(50)
    expect(accepted.filter((text) => !lezerAccepts(text))).toEqual([])
  })

  it('what it refuses does not parse here', () => {
    const refused = EXPRESSIONS.filter((text) => !lezerAccepts(text))
    expect(refused.length).toBeGreaterThan(15)
    expect(refused.filter(parses)).toEqual([])
  })

  it.each(['rate(up)', 'up[5m] + 1', 'sum(up, up)', 'up{a="\\q"}', '1 == 1'])(
    'it accepts %s, which Prometheus refuses',
    (text) => {
      expect(lezerAccepts(text)).toBe(true)
      expect(checkExpr(text).flaws).toHaveLength(1)
    },
  )
})
