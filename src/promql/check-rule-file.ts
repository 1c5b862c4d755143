import { LIMITS } from '../desired/limits.ts'
import { checkGroups } from './check-rules.ts'
import { lintGroups } from './lints/lint-rules.ts'
import { readRuleFile } from './read-rule-file.ts'
import type { RuleFile, RuleProblem } from './rule-file.ts'

export interface RuleText {
  readonly text: string
  /** As the messages shall name it. */
  readonly path: string
}

/**
 * What Prometheus 2.42 would say of a rule file (errors), and what of it will not do what it says (warnings), by line and
 * column. Groups are those that could be read: with errors they are good for names only.
 */
export function checkRuleFile({ text, path }: RuleText): RuleFile {
  const { groups, problems, isYaml } = readRuleFile(text, path)
  const all = isYaml ? [...problems, ...checkGroups(groups), ...lintGroups(groups)] : problems
  return { groups, problems: worst(all) }
}

/** As many as of other files; errors before warnings, then by their place. */
function worst(problems: readonly RuleProblem[]): readonly RuleProblem[] {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const warnings = problems.filter(({ severity }) => severity === 'warning')
  return [...errors, ...warnings].slice(0, LIMITS.problems).sort(byPlace)
}

const byPlace = ({ position: a }: RuleProblem, { position: b }: RuleProblem): number =>
  a.line - b.line || a.column - b.column
