import { checkExpr } from './expr/check-expr.ts'
import type { Label, Rule, RuleGroup, RuleProblem, Written } from './rule-file.ts'
import { checkTemplate } from './template/parse.ts'

/** What Prometheus 2.42 refuses in a rule file that could be decoded: `rulefmt.Validate`. */
export function checkGroups(groups: readonly RuleGroup[]): readonly RuleProblem[] {
  const names = new Set<string>()
  return groups.flatMap((group) => {
    const problems = checkName(group, names)
    names.add(group.name)
    return [...problems, ...group.rules.flatMap(checkRule)]
  })
}

const error = ({ position }: Pick<RuleProblem, 'position'>, message: string): RuleProblem => ({
  severity: 'error',
  position,
  message,
})

function checkName(group: RuleGroup, names: ReadonlySet<string>): readonly RuleProblem[] {
  if (group.name === '') return [error(group, 'a group needs a name')]
  return names.has(group.name) ? [error(group, `there is a group '${group.name}' above`)] : []
}

function checkRule(rule: Rule): readonly RuleProblem[] {
  return [
    ...checkKind(rule),
    ...checkExpression(rule),
    ...(rule.record === '' ? [] : checkRecord(rule)),
    ...rule.labels.flatMap(checkLabel),
    ...rule.annotations.flatMap(checkAnnotation),
    ...(rule.alert === '' ? [] : [...rule.labels, ...rule.annotations].flatMap(checkText)),
  ]
}

function checkKind(rule: Rule): readonly RuleProblem[] {
  if (rule.alert !== '' && rule.record !== '') return [error(rule, "a rule has either 'alert' or 'record'")]
  return rule.alert === '' && rule.record === '' ? [error(rule, "a rule needs 'alert' or 'record'")] : []
}

function checkExpression({ expr }: Rule): readonly RuleProblem[] {
  if (expr.text === '') return [error(expr, "a rule needs an 'expr'")]
  return checkExpr(expr.text).flaws.map(({ at, message }) => error({ position: expr.placeOf(at) }, message))
}

function checkRecord(rule: Rule): readonly RuleProblem[] {
  const mistakes: readonly (readonly [boolean, string])[] = [
    [rule.annotations.length > 0, "a recording rule has no 'annotations'"],
    [rule.for !== 0, "a recording rule has no 'for'"],
    [rule.keepFiringFor !== 0, "a recording rule has no 'keep_firing_for'"],
    [!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(rule.record), `'${rule.record}' is no name for a metric`],
  ]
  return mistakes.flatMap(([wrong, message]) => (wrong ? [error(rule, message)] : []))
}

const isLabelName = ({ text }: Written): boolean => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(text)

function checkLabel({ name, value }: Label): readonly RuleProblem[] {
  if (/\p{Surrogate}/u.test(value.text)) return [error(value, `the value of '${name.text}' is not UTF-8`)]
  if (name.text === '__name__') return [error(name, "the label '__name__' is the metric's name, which 'record' sets")]
  return isLabelName(name) ? [] : [error(name, `'${name.text}' is no name for a label`)]
}

const checkAnnotation = ({ name }: Label): readonly RuleProblem[] =>
  isLabelName(name) ? [] : [error(name, `'${name.text}' is no name for an annotation`)]

function checkText({ value }: Label): readonly RuleProblem[] {
  const flaw = checkTemplate(value.text)
  return flaw ? [error({ position: value.placeOf(flaw.at) }, `the template is refused: ${flaw.message}`)] : []
}
