import type { Aggregation, Expr } from '../expr/ast.ts'
import type { ExprFlaw } from '../expr/flaw.ts'
import { everyPart, metricOf, perSeries, withoutParens } from './paths.ts'

/** A quantile is made of the buckets of a histogram, which the label `le` tells apart. */
export function lintQuantiles(expr: Expr): readonly ExprFlaw[] {
  return everyPart(expr).flatMap((part) => {
    const buckets = part.type === 'call' && part.name === 'histogram_quantile' ? part.args[1] : undefined
    const message = buckets && mistake(withoutParens(buckets))
    return message === undefined ? [] : [{ at: part.from, message }]
  })
}

function mistake(buckets: Expr): string | undefined {
  if (buckets.type === 'aggregation') return keepsLe(buckets) ? undefined : LOST
  const selector = perSeries(buckets)
  return selector && metricOf(selector).endsWith('_bucket') ? PER_SERIES : undefined
}

const keepsLe = ({ without, labels }: Aggregation): boolean => labels.includes('le') !== without

const LOST = "histogram_quantile needs the label 'le', which is aggregated away: add it to 'by'"
const PER_SERIES =
  'a quantile of each series alone (each instance, path, method …): for one of all together, histogram_quantile(…, sum by (le) (…))'
