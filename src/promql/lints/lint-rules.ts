import type { Expr } from '../expr/ast.ts'
import type { ExprFlaw } from '../expr/flaw.ts'
import { NotPromql } from '../expr/flaw.ts'
import { parseExpr } from '../expr/parse.ts'
import type { Rule, RuleGroup, RuleProblem } from '../rule-file.ts'
import { lintDuplicates } from './duplicates.ts'
import { lintQuantiles } from './quantile.ts'
import { lintRatios } from './ratio.ts'
import { lintUnlimited } from './unlimited.ts'

/** What Prometheus accepts and what will not do what it says. */
export function lintGroups(groups: readonly RuleGroup[]): readonly RuleProblem[] {
  return [...groups.flatMap(({ rules }) => rules.flatMap(lintRule)), ...lintDuplicates(groups)]
}

function lintRule({ expr }: Rule): readonly RuleProblem[] {
  return lintExpr(expr.text).map(({ at, message }) => ({ severity: 'warning', position: expr.placeOf(at), message }))
}

/** Of an expression that is PromQL; nothing is said of others. */
function lintExpr(text: string): readonly ExprFlaw[] {
  const expr = parsed(text)
  return expr ? [lintRatios, lintQuantiles, lintUnlimited].flatMap((lint) => lint(expr)) : []
}

function parsed(text: string): Expr | undefined {
  try {
    return parseExpr(text)
  } catch (error) {
    if (error instanceof NotPromql) return undefined
    throw error
  }
}
