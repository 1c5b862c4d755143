/** A YAML node as Go's yaml.v3 has it, which is what Prometheus decodes: tags and aliases kept, nothing resolved yet. */
export type YamlNode = ScalarNode | MapNode | ListNode | AliasNode

interface Written {
  /** Where it begins in the file: UTF-16 units from 0. */
  readonly offset: number
  /** As written, `!!` for YAML's own; empty where there is none. */
  readonly tag: string
}

export interface ScalarNode extends Written {
  readonly type: 'scalar'
  readonly value: string
  readonly style: 'plain' | 'single' | 'double' | 'block'
  /** Where it ends: its quotes included. */
  readonly end: number
}

export interface MapNode extends Written {
  readonly type: 'map'
  readonly pairs: readonly Pair[]
}

export interface Pair {
  readonly key: YamlNode
  readonly value: YamlNode
}

export interface ListNode extends Written {
  readonly type: 'list'
  readonly items: readonly YamlNode[]
}

export interface AliasNode extends Written {
  readonly type: 'alias'
  readonly name: string
  /** What it stands for: `undefined` inside of it is an alias of something that is not complete yet. */
  readonly of: () => YamlNode | undefined
}
