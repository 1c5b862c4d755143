import { checkGroups } from './check-rules.ts'
import { readRuleFile } from './read-rule-file.ts'
import type { RuleFile } from './rule-file.ts'

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
  return { groups, problems: isYaml ? [...problems, ...checkGroups(groups)] : problems }
}
