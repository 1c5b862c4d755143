import type { NormalizeCheck } from '../desired/expand/checks.ts'
import { normalizeCheck } from '../kinds/check/normalize.ts'
import { NormalizeProblem } from '../model/kind.ts'
import { checkExpr } from '../promql/expr/check-expr.ts'

/** As the schema lets a check through, and with a query that a Prometheus would take. @throws NormalizeProblem */
export const normalizeCheckedQuery: NormalizeCheck = (written, context) => {
  const spec = normalizeCheck(written, context)
  if (spec.probe.type !== 'promql') return spec
  const [flaw] = checkExpr(spec.probe.query).flaws
  if (!flaw) return spec
  throw new NormalizeProblem(`${context.pointer}/promql/query`, `${flaw.message} (at sign ${flaw.at + 1} of the query)`)
}
