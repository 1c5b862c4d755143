import type { Binary, Expr, Matcher, Matching, Selector } from '../expr/ast.ts'
import type { ExprFlaw } from '../expr/flaw.ts'
import { everyPart, metricOf, perSeries } from './paths.ts'

/**
 * `rate(x{status="500"}[5m]) / rate(x[5m])`: series are divided by those with the same labels, `status` among them, so each
 * by itself. It is 1 wherever there is one, whatever share the errors have.
 */
export function lintRatios(expr: Expr): readonly ExprFlaw[] {
  return everyPart(expr).flatMap((part) => (part.type === 'binary' && part.operator === '/' ? lintRatio(part) : []))
}

function lintRatio({ left, right, matching, from }: Binary): readonly ExprFlaw[] {
  const above = perSeries(left)
  const below = perSeries(right)
  if (!above || !below || metricOf(above) === '' || metricOf(above) !== metricOf(below)) return []
  const extra = extraMatcher(above, below) ?? extraMatcher(below, above)
  if (!extra || !compares(extra.label, matching)) return []
  return [{ at: from, message: message(metricOf(above), extra) }]
}

/** A matcher of a label that the other side does not narrow. */
function extraMatcher(one: Selector, other: Selector): Matcher | undefined {
  const narrowed = new Set(other.matchers.map(({ label }) => label))
  return one.matchers.find(({ label }) => label !== '__name__' && !narrowed.has(label))
}

const compares = (label: string, { on, labels }: Matching): boolean => labels.includes(label) === on

const message = (metric: string, { label, operator, value }: Matcher): string =>
  `every series of ${metric} is divided by itself: only one side has ${label}${operator}"${value}", and both keep the label ` +
  `'${label}'; for the share among all, sum both sides: sum(…) / sum(…)`
