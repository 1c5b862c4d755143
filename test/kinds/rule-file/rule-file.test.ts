import { describe, expect, it } from 'vitest'
import { compareRuleFile } from '../../../src/kinds/rule-file/compare.ts'
import { ruleFileKind } from '../../../src/kinds/rule-file/kind.ts'
import type { GroupSpec, RuleFileLive, RuleFileSpec, RuleSpec } from '../../../src/kinds/rule-file/spec.ts'

const rule = (name: string, over: Partial<RuleSpec> = {}): RuleSpec => ({
  ...{ type: 'alert', name, at: 'a.yaml:1:1', expr: 'up == 0', for: 60, keepFiringFor: 0 },
  ...{ labels: { severity: 'page' }, annotations: {}, selectors: [] },
  ...over,
})
const group = (rules: readonly RuleSpec[], over: Partial<GroupSpec> = {}): GroupSpec => ({
  ...{ name: 'g', interval: 0, limit: 0, rules },
  ...over,
})
const spec = (...groups: readonly GroupSpec[]): RuleFileSpec => ({ path: '/r/a.yaml', groups, expectAbsent: [] })
const live = (groups: readonly GroupSpec[], over: Partial<RuleFileLive> = {}): RuleFileLive => ({
  groups,
  reload: 'ok',
  ...over,
})
const paths = (wanted: RuleFileSpec, seen: RuleFileLive) => compareRuleFile(wanted, seen).map(({ path }) => path)

describe('what is loaded, compared with what a rule file says', () => {
  it('differs in nothing where all is as it was applied', () => {
    const wanted = spec(group([rule('A'), rule('B')], { interval: 30 }))
    expect(compareRuleFile(wanted, ruleFileKind.asApplied?.(wanted) ?? live([]))).toEqual([])
  })

  it('names each field by its group and its rule', () => {
    const changed = rule('A', { expr: 'up == 1', for: 0, labels: {}, annotations: { summary: 's' } })
    expect(paths(spec(group([rule('A')])), live([group([changed])]))).toEqual([
      '/groups/g/rules/A/annotations/summary',
      '/groups/g/rules/A/expr',
      '/groups/g/rules/A/for',
      '/groups/g/rules/A/labels/severity',
    ])
  })

  it('tells rules of one name apart, and what came or went', () => {
    const two = group([rule('A'), rule('A', { expr: 'up > 1' })])
    expect(paths(spec(two), live([group([rule('A')])]))).toEqual(['/groups/g/rules/A#2'])
    expect(paths(spec(group([rule('A')])), live([two]))).toEqual(['/groups/g/rules/A#2'])
    expect(paths(spec(two), live([]))).toEqual(['/groups/g'])
    expect(paths(spec(), live([two]))).toEqual(['/groups/g'])
  })

  it('sees another order, for rules are evaluated in it', () => {
    const [a, b] = [rule('A'), rule('B')]
    expect(paths(spec(group([a, b])), live([group([b, a])]))).toEqual(['/groups/g/order'])
  })

  it('takes an interval that is not written for that of Prometheus, and for no other', () => {
    const silent = spec(group([rule('A')]))
    expect(paths(silent, live([group([rule('A')], { interval: 60 })], { evaluationInterval: 60 }))).toEqual([])
    expect(paths(silent, live([group([rule('A')], { interval: 30 })], { evaluationInterval: 60 }))).toEqual([
      '/groups/g/interval',
    ])
    const written = spec(group([rule('A')], { interval: 60 }))
    expect(paths(written, live([group([rule('A')], { interval: 60 })], { evaluationInterval: 60 }))).toEqual([])
  })

  it('is not to be believed after a reload that failed', () => {
    const wanted = spec(group([rule('A')]))
    expect(paths(wanted, live([group([rule('A')])], { reload: 'failed' }))).toEqual(['/reload'])
    expect(paths(wanted, live([group([rule('A')])], { reload: 'unknown' }))).toEqual([])
  })

  it('is healed as files are: nothing restarts by it', () => {
    const diffs = compareRuleFile(spec(group([rule('A')])), live([], { reload: 'failed' }))
    expect(diffs.map(({ effect }) => effect)).toEqual(['none', 'none'])
  })
})

describe('the resource', () => {
  it('is called by its path, and says nothing but rules', () => {
    const wanted = spec(group([rule('A')]))
    const context = {} as Parameters<typeof ruleFileKind.normalize>[1]
    expect(ruleFileKind.normalize({ kind: 'RuleFile', ...wanted }, context)).toEqual({
      ...{ name: '/r/a.yaml', spec: wanted, uses: [] },
    })
  })
})
