import type { Kind } from '../../model/kind.ts'
import { compareRuleFile } from './compare.ts'
import type { RuleFileLive, RuleFileSpec } from './spec.ts'

/** A member of an `AlertRules` document (src/desired/expand/alert-rules.ts): nobody writes one. */
export interface WrittenRuleFile extends RuleFileSpec {
  readonly kind: 'RuleFile'
}

/**
 * What Prometheus made of a rule file that is brought to it. Of a lower rank than files and configs: when both go, the file
 * goes first, and then Prometheus is told.
 */
export const ruleFileKind: Kind<WrittenRuleFile, RuleFileSpec, RuleFileLive> = {
  name: 'RuleFile',
  rank: 2,
  normalize: ({ path, groups, expectAbsent }) => ({ name: path, spec: { path, groups, expectAbsent }, uses: [] }),
  compare: compareRuleFile,
  asApplied: ({ groups }) => ({ groups, reload: 'ok' }),
  suspend: () => undefined,
  reflects: true,
}
