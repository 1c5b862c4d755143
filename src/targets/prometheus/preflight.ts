import { partsOf, type ResourceId } from '../../model/id.ts'
import type { LiveState } from '../../model/live.ts'
import type { Change } from '../../model/plan.ts'
import type { Unfit } from '../../model/target.ts'
import { isRuleFile, type RuleFileResource } from './look.ts'
import { changedRules, keyOf, missingWords, recordedIn, selectorsToAsk } from './series.ts'

/** What a look at a Prometheus learns beside its rules. */
export interface PrometheusFacts {
  /** Names of all metrics that it has; undefined where it did not say. */
  readonly names: ReadonlySet<string> | undefined
  /** Metrics that rules record. */
  readonly recorded: ReadonlySet<string>
  /** Rule file, as it was looked at -> what is wrong with its new rules. */
  readonly unfit: ReadonlyMap<string, readonly string[]>
}

const MOST_SHOWN = 5

/**
 * Rules that this Prometheus refuses, or that watch what it knows nothing of, are not delivered. What nobody could ask for (a
 * pull request is not to ask anything) is judged by the names of metrics alone.
 */
export function unfitForPrometheus(name: string, changes: readonly Change[], live: LiveState): readonly Unfit[] {
  const facts = live.facts.get(name) as PrometheusFacts | undefined
  return changes.flatMap((change): readonly Unfit[] => {
    if (!('to' in change) || change.action === 'unchanged' || change.action === 'move') return []
    if (!isRuleFile(change.to)) return [{ id: change.id, message: wrongKind(change.id), reason: 'InvalidDesired' }]
    const wrong = facts ? (facts.unfit.get(keyOf(change.to)) ?? byNames(change.to, name, { live, facts })) : []
    if (wrong.length === 0) return []
    const more = wrong.length > MOST_SHOWN ? `; and ${wrong.length - MOST_SHOWN} more` : ''
    const message = `${wrong.slice(0, MOST_SHOWN).join('; ')}${more}`
    return [{ id: change.id, message, reason: 'DependencyNotReady' }]
  })
}

export const wrongKind = (id: ResourceId): string =>
  `${partsOf(id).target} is a Prometheus: it takes alert rules, and no ${partsOf(id).kind}`

interface Known {
  readonly live: LiveState
  readonly facts: PrometheusFacts
}

function byNames({ id, spec }: RuleFileResource, name: string, { live, facts }: Known): readonly string[] {
  const { names, recorded } = facts
  if (!names) return []
  const seen = live.of.get(id)
  const rules = changedRules(
    spec,
    seen?.state === 'present' ? (seen.live as Parameters<typeof changedRules>[1]) : undefined,
  )
  const own = spec.groups.flatMap(recordedIn)
  const selectors = selectorsToAsk(rules, spec, new Set([...recorded, ...own]))
  return selectors
    .filter(({ metric }) => metric !== undefined && !names.has(metric))
    .map((one) => missingWords(one, name, names))
}
