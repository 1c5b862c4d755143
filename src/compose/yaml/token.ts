interface At {
  readonly start: number
  readonly end: number
}

export type Mark =
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'block-sequence'
  | 'block-mapping'
  | 'block-end'
  | '['
  | ']'
  | '{'
  | '}'
  | '-'
  | ','
  | 'key'
  | 'value'

export type Token =
  | (At & { readonly type: Mark })
  | (At & { readonly type: 'alias' | 'anchor'; readonly name: string })
  | (At & { readonly type: 'tag'; readonly handle: string; readonly suffix: string })
  | (At & { readonly type: 'version'; readonly version: string })
  | (At & { readonly type: 'tag-directive'; readonly handle: string; readonly prefix: string })
  | (At & { readonly type: 'scalar'; readonly text: string; readonly plain: boolean })

/** Why a text is no YAML. */
export class YamlError extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.name = 'YamlError'
    this.offset = offset
  }
}
