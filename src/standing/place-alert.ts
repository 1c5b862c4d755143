import type { Desired } from '../model/desired.ts'
import type { Placing } from './alerts.ts'

/**
 * Which app an alert concerns: the one that its label `app` names; else the one whose rule files declare an alert of this
 * name, where that is one app alone.
 */
export function placingBy({ apps }: Pick<Desired, 'apps'>): Placing {
  const byRule = new Map<string, ReadonlySet<string>>()
  for (const { app, wanted } of apps.values()) {
    for (const name of wanted.flatMap(({ kind, spec }) => (kind === 'RuleFile' ? alertNames(spec) : []))) {
      byRule.set(name, new Set([...(byRule.get(name) ?? []), app]))
    }
  }
  return (labels) => {
    const said = own(labels, 'app')
    if (said !== undefined && apps.has(said)) return said
    const [app, ...others] = byRule.get(own(labels, 'alertname') ?? '') ?? []
    return others.length === 0 ? app : undefined
  }
}

const own = (labels: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(labels, name) ? labels[name] : undefined

interface Rules {
  readonly groups?: readonly { readonly rules: readonly { readonly type: string; readonly name: string }[] }[]
}

/** Of the spec of a rule file. */
const alertNames = (spec: unknown): readonly string[] =>
  ((spec as Rules).groups ?? []).flatMap(({ rules }) =>
    rules.flatMap(({ type, name }) => (type === 'alert' ? [name] : [])),
  )
