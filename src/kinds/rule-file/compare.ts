import { sameValue } from '../../model/digest.ts'
import type { FieldDiff } from '../../model/live.ts'
import { diffValues, type ValueDiff } from '../field-diff.ts'
import type { GroupSpec, LiveGroup, RuleFields, RuleFileLive, RuleFileSpec } from './spec.ts'

/**
 * Rule by rule. Nothing restarts by a reload: rules that did not change go on with what they know (`for:`), so that drift
 * is healed as that of files is.
 */
export function compareRuleFile(spec: RuleFileSpec, live: RuleFileLive): readonly FieldDiff[] {
  const { evaluationInterval } = live
  const desired = byName(spec.groups, (group) => group.interval)
  const found = byName(live.groups, (group) => intervalOf(group, spec, evaluationInterval))
  const all = diffValues('/groups', found, desired)
  const rules = all.filter((diff) => !isOnlyOrder(diff)).map((diff) => ({ ...diff, effect: 'none' as const }))
  // What Prometheus has loaded then is not what its files say: nobody knows of which.
  if (live.reload !== 'failed') return rules
  return [...rules, { path: '/reload', from: 'failed', to: 'ok', effect: 'none' }]
}

/** Of rules that came or went, that is said already. */
const isOnlyOrder = ({ path, from, to }: ValueDiff): boolean =>
  /^\/groups\/[^/]+\/order$/.test(path) && [from, to].every(Array.isArray) && !sameMembers(from, to)

const sameMembers = (a: unknown, b: unknown): boolean =>
  sameValue([...(a as readonly string[])].sort(), [...(b as readonly string[])].sort())

/** A group that says no interval has that of Prometheus: as much is said of it then. */
function intervalOf({ name, interval }: LiveGroup, { groups }: RuleFileSpec, usual: number | undefined): number {
  const written = groups.find((group) => group.name === name)?.interval
  return written === 0 && (usual === undefined || interval === usual) ? 0 : interval
}

/** By group and by rule, so that a diff names them; a second rule of the same name is `name#2`. */
function byName<G extends GroupSpec | LiveGroup>(groups: readonly G[], intervalOf: (group: G) => number): unknown {
  return Object.fromEntries(
    groups.map((group) => {
      const { name, limit, rules } = group
      const named = keysOf(rules)
      const each = Object.fromEntries(rules.map((rule, index) => [named[index] ?? '', fieldsOf(rule)]))
      return [name, { interval: intervalOf(group), limit, rules: each, order: named }]
    }),
  )
}

function keysOf(rules: readonly RuleFields[]): readonly string[] {
  const seen = new Map<string, number>()
  return rules.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name}#${count}`
  })
}

/** Maps are compared as a whole: an annotation that is gone is a difference of the rule. */
const fieldsOf = ({ type, expr, for: pending, keepFiringFor, labels, annotations }: RuleFields): unknown => ({
  ...{ type, expr, for: pending, keepFiringFor },
  ...{ labels, annotations },
})
