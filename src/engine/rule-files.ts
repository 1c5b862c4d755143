import type { ReadRuleFile } from '../desired/expand/alert-rules.ts'
import type { GroupSpec, RuleSpec, SelectorSpec } from '../kinds/rule-file/spec.ts'
import type { Position } from '../model/problem.ts'
import { checkRuleFile } from '../promql/check-rule-file.ts'
import { type Expr, partsOf, type Selector } from '../promql/expr/ast.ts'
import { canonicalExpr } from '../promql/expr/canonical.ts'
import { NotPromql } from '../promql/expr/flaw.ts'
import { parseExpr } from '../promql/expr/parse.ts'
import type { Label, Rule, RuleGroup, Written } from '../promql/rule-file.ts'

/** Rule files as they become resources: expressions in one form, durations in seconds, and what each rule reads. */
export const readRuleFile: ReadRuleFile = (file) => {
  const { groups, problems } = checkRuleFile(file)
  return { groups: groups.map(groupSpec), problems }
}

const groupSpec = ({ name, interval, limit, rules }: RuleGroup): GroupSpec => ({
  ...{ name, interval: interval / 1000, limit },
  rules: rules.map(ruleSpec),
})

const ruleSpec = (rule: Rule): RuleSpec => ({
  ...{ type: rule.type, name: rule.name, at: placeText(rule.expr.position), expr: canonicalExpr(rule.expr.text) },
  ...{ for: rule.for / 1000, keepFiringFor: rule.keepFiringFor / 1000 },
  ...{ labels: textsOf(rule.labels), annotations: textsOf(rule.annotations) },
  selectors: selectorsOf(rule),
})

const textsOf = (labels: readonly Label[]): Readonly<Record<string, string>> =>
  Object.fromEntries(labels.map(({ name, value }) => [name.text, value.text]))

const placeText = ({ path, line, column }: Position): string => `${path}:${line}:${column}`

/** What is no PromQL was told, and reads nothing. */
function selectorsOf({ expr }: Rule): readonly SelectorSpec[] {
  const parsed = parsedOf(expr.text)
  return parsed ? selectorsIn(parsed).map((selector) => selectorSpec(selector, expr)) : []
}

function parsedOf(text: string): Expr | undefined {
  try {
    return parseExpr(text)
  } catch (error) {
    if (error instanceof NotPromql) return undefined
    throw error
  }
}

/** These ask whether there is nothing. */
const ASK_FOR_NOTHING: ReadonlySet<string> = new Set(['absent', 'absent_over_time'])

function selectorsIn(expr: Expr): readonly Selector[] {
  if (expr.type === 'selector') return [expr]
  return expr.type === 'call' && ASK_FOR_NOTHING.has(expr.name) ? [] : partsOf(expr).flatMap(selectorsIn)
}

/** Without `offset` and `@`: whether there are such series is asked as of now. */
function selectorSpec({ name, matchers, from }: Selector, { placeOf }: Written): SelectorSpec {
  const shown = matchers.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`)
  const text = shown.length === 0 ? name : `${name}{${shown.join(',')}}`
  const metric = name || matchers.find(({ label, operator }) => label === '__name__' && operator === '=')?.value
  return { text, at: placeText(placeOf(from)), ...(metric ? { metric } : {}) }
}
