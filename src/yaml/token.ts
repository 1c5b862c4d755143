import type { ScalarStyle } from './node.ts'

/** What YAML is made of; `at` and `end` are UTF-16 units from 0, `end` behind it. */
export type Token = { readonly at: number; readonly end: number } & (
  | { readonly type: Sign }
  | { readonly type: 'scalar'; readonly value: string; readonly style: ScalarStyle }
  | { readonly type: 'anchor' | 'alias'; readonly name: string }
  | { readonly type: 'tag'; readonly tag: Tag }
  | { readonly type: 'directive'; readonly directive: Directive }
)

export type Sign =
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'block-list'
  | 'block-map'
  | 'block-end'
  | 'flow-list'
  | 'flow-list-end'
  | 'flow-map'
  | 'flow-map-end'
  | 'entry' // -
  | 'comma'
  | 'key'
  | 'value'

/** A tag: the handle says what the suffix is of; both in one where the handle is empty. */
export interface Tag {
  readonly handle: string
  readonly suffix: string
}

export type Directive = { readonly version: string } | { readonly handle: string; readonly prefix: string }
