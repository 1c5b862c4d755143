import type { Rule, RuleGroup, RuleProblem } from '../rule-file.ts'

/** Rules with one name and the same labels, which promtool points out too: what they make is mixed up. */
export function lintDuplicates(groups: readonly RuleGroup[]): readonly RuleProblem[] {
  const seen = new Set<string>()
  return groups.flatMap(({ rules }) =>
    rules.flatMap((rule) => {
      const id = identity(rule)
      const known = seen.has(id)
      seen.add(id)
      const message = `there is a rule '${rule.name}' with the same labels above`
      return known && rule.name !== '' ? [{ severity: 'warning', position: rule.position, message } as const] : []
    }),
  )
}

/** Alerts of one name with different expressions are common, and right: a threshold for each severity or state. */
function identity({ type, name, labels, expr }: Rule): string {
  const sorted = labels
    .map((label) => [label.name.text, label.value.text] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([type, name, sorted, type === 'alert' ? expr.text : ''])
}
