import type { Expr } from './ast.ts'
import { checkTypes } from './check-types.ts'
import { type ExprFlaw, NotPromql } from './flaw.ts'
import { parseExpr } from './parse.ts'

export type CheckedExpr = { readonly flaws: readonly ExprFlaw[] } & { readonly expr?: Expr }

/** What is wrong with a PromQL expression in the eyes of Prometheus 2.42, and its tree where its grammar accepts it. */
export function checkExpr(text: string): CheckedExpr {
  try {
    const expr = parseExpr(text)
    return { expr, flaws: checkTypes(expr) }
  } catch (error) {
    if (error instanceof NotPromql) return { flaws: [error.flaw] }
    throw error
  }
}
