/** What is decoded into: Go's types of Prometheus' rulefmt package. A 'node' takes anything. */
export type Shape = 'string' | 'int' | 'duration' | 'node' | { readonly list: Shape } | { readonly map: Shape } | Struct

export interface Struct {
  readonly name: string
  readonly fields: Readonly<Record<string, Shape>>
}

export const SHAPE_NAMES = { string: 'text', int: 'whole number', duration: 'duration', node: 'value' } as const

const RULE: Struct = {
  name: 'rule',
  fields: {
    record: 'node',
    alert: 'node',
    expr: 'node',
    for: 'duration',
    keep_firing_for: 'duration',
    labels: { map: 'string' },
    annotations: { map: 'string' },
  },
}

const GROUP: Struct = {
  name: 'group',
  fields: { name: 'string', interval: 'duration', limit: 'int', rules: { list: RULE } },
}

/** Prometheus 2.42 `rulefmt.RuleGroups`. */
export const RULE_FILE: Struct = { name: 'rule file', fields: { groups: { list: GROUP } } }
