import { isBlank, isSpaceOrEnd, type Reader } from './reader.ts'
import type { Directive, Tag } from './scan-properties.ts'

export type Token = { readonly at: number } & (
  | { readonly type: Sign }
  | { readonly type: 'scalar'; readonly value: string; readonly style: Style; readonly end: number }
  | { readonly type: 'anchor' | 'alias'; readonly name: string }
  | { readonly type: 'tag'; readonly tag: Tag }
  | { readonly type: 'directive'; readonly directive: Directive }
)
type Style = 'plain' | 'single' | 'double' | 'block'
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

/** What may begin a scalar, an anchor, an alias or a tag. */
export function isStart(character: string, next: string, flow: boolean): boolean {
  if ('&*!\'"'.includes(character)) return true
  if (character === '-') return !isBlank(next)
  if (character === '?' || character === ':') return !flow && !isSpaceOrEnd(next)
  return !isSpaceOrEnd(character) && !',[]{}#|>%@`'.includes(character)
}

const INNER: Readonly<Record<string, string>> = {
  '"': ': inside of it a quote is written \\", or the whole stands in single quotes',
  "'": ": inside of it a quote is written ''",
}

/** Why nothing can begin here, in words for whoever wrote it. */
export function startRefused({ at, text }: Reader): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  if (character === '\t') return 'a tab may not indent: use spaces'
  const hint = INNER[text[at - 1] ?? '']
  const why =
    hint === undefined ? 'a text that begins with it needs quotes' : `the text in quotes ended before it${hint}`
  return `nothing can begin with '${character}' here: ${why}`
}
