import type { Binary, Expr } from '../expr/ast.ts'
import type { ExprFlaw } from '../expr/flaw.ts'
import { everyPart, metricOf } from './paths.ts'

/** cAdvisor's limits, which are 0 where there is none: a share of it is +Inf, and above any threshold. */
const ZERO_IS_NONE: ReadonlySet<string> = new Set([
  ...['container_spec_memory_limit_bytes', 'container_spec_memory_swap_limit_bytes'],
  ...['container_spec_memory_reservation_limit_bytes'],
])

const GUARDS: ReadonlySet<string> = new Set(['>', '!=', '<', '>=', '<='])

export function lintUnlimited(expr: Expr): readonly ExprFlaw[] {
  const parts = everyPart(expr)
  const guarded = new Set(parts.flatMap(guardedMetrics))
  return parts.flatMap((part) => (part.type === 'binary' && part.operator === '/' ? lintDivisor(part, guarded) : []))
}

function limitsIn(expr: Expr): readonly { readonly metric: string; readonly at: number }[] {
  return everyPart(expr).flatMap((part) => {
    const metric = part.type === 'selector' ? metricOf(part) : ''
    return ZERO_IS_NONE.has(metric) ? [{ metric, at: part.from }] : []
  })
}

/** Compared as it is, not as a part of a share. */
function guardedMetrics(part: Expr): readonly string[] {
  if (part.type !== 'binary' || !GUARDS.has(part.operator)) return []
  const shares = (side: Expr): boolean => everyPart(side).some((one) => one.type === 'binary' && one.operator === '/')
  return [part.left, part.right].flatMap((side) => (shares(side) ? [] : limitsIn(side).map(({ metric }) => metric)))
}

function lintDivisor({ right }: Binary, guarded: ReadonlySet<string>): readonly ExprFlaw[] {
  return limitsIn(right).flatMap(({ metric, at }) => {
    const message = `${metric} is 0 for a container without a limit, and a share of 0 is +Inf: divide by (${metric} > 0)`
    return guarded.has(metric) ? [] : [{ at, message }]
  })
}
