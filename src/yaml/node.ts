/** A YAML node as Go's yaml.v3 has it: tags and aliases kept, nothing resolved yet. */
export type YamlNode = YamlScalar | YamlMap | YamlList | YamlAlias

interface Written {
  /** Where it begins in the text, a collection with its tag and anchor: UTF-16 units from 0. */
  readonly offset: number
  /** As written, `!!` for YAML's own; empty where there is none, and for `!`, which says nothing. */
  readonly tag: string
}

interface Anchorable extends Written {
  /** Empty where there is none. */
  readonly anchor: string
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'block'

export interface YamlScalar extends Anchorable {
  readonly type: 'scalar'
  /** Without quotes, folded. */
  readonly value: string
  readonly style: ScalarStyle
  /** Where it ends: its quotes included. */
  readonly end: number
}

export interface YamlMap extends Anchorable {
  readonly type: 'map'
  readonly pairs: readonly YamlPair[]
}

export interface YamlPair {
  readonly key: YamlNode
  readonly value: YamlNode
}

export interface YamlList extends Anchorable {
  readonly type: 'list'
  readonly items: readonly YamlNode[]
}

export interface YamlAlias extends Written {
  readonly type: 'alias'
  readonly end: number
  readonly name: string
  /** What it stands for, which may contain it. Undefined until that is complete. */
  readonly of: () => YamlNode | undefined
}

/** `<<`, or whatever quotes it stands in where its tag says so. */
export const isMerge = (key: YamlNode): boolean =>
  key.type === 'scalar' && key.value === '<<' && ((key.tag === '' && key.style === 'plain') || key.tag === '!!merge')
