import { TEMPLATE_VARIABLES } from './functions.ts'
import { NotTemplate } from './not-template.ts'
import { pipeline } from './pipeline.ts'
import { Scope } from './scope.ts'
import { TokenReader } from './token-reader.ts'
import { type TemplateToken, tokenizeTemplate } from './tokens.ts'
import { unquote } from './unquote.ts'

export interface TemplateFlaw {
  /** In the template: UTF-16 units from 0. */
  readonly at: number
  readonly message: string
}

/**
 * What text/template (Go 1.19) says of a template of Prometheus 2.42 when it parses it. promtool and Prometheus' loading
 * execute none.
 */
export function checkTemplate(text: string): TemplateFlaw | undefined {
  // Most annotations are plain text.
  if (!text.includes('{{')) return undefined
  try {
    new TemplateParser(tokenizeTemplate(text)).template()
    return undefined
  } catch (error) {
    if (error instanceof NotTemplate) return { at: error.at, message: error.message }
    throw error
  }
}

/** What ended a list of pieces. */
type Ending = 'end' | 'else'

interface Piece {
  readonly ending?: Ending
  /** Nothing but space: of two definitions of one name, one must be. */
  readonly empty: boolean
}

class TemplateParser {
  readonly #reader: TokenReader
  /** Names, and whether their definition is empty. */
  readonly #defined = new Map<string, boolean>()
  #scope = new Scope(TEMPLATE_VARIABLES)

  constructor(tokens: readonly TemplateToken[]) {
    this.#reader = new TokenReader(tokens)
  }

  template(): void {
    while (!this.#reader.is('end')) {
      const { at } = this.#reader.peek()
      if (this.#reader.isAction('define')) this.#define()
      else if (this.#piece().ending) throw new NotTemplate(at, 'this belongs to no {{if}}, {{range}} or {{with}}')
    }
  }

  #define(): void {
    this.#reader.next()
    this.#reader.word()
    const name = this.#name()
    this.#reader.close("'}}' of a definition is expected")
    this.#body(name, "a definition ends with '{{end}}'")
  }

  /** Of a definition: sees no variables of what is around it. */
  #body(name: string, message: string): void {
    const { at } = this.#reader.peek()
    const around = this.#scope
    this.#scope = new Scope(['$'])
    const { ending, empty } = this.#list()
    if (ending !== 'end') throw new NotTemplate(at, message)
    if (this.#defined.get(name) === false && !empty) throw new NotTemplate(at, `'${name}' is defined a second time`)
    if (this.#defined.get(name) !== false) this.#defined.set(name, empty)
    this.#scope = around
  }

  /** Up to `{{end}}` or `{{else}}`. */
  #list(): Piece {
    let empty = true
    while (true) {
      const token = this.#reader.peek()
      if (token.type === 'end') this.#reader.refuse(token, "'{{end}}' is expected")
      const piece = this.#reader.deeper(() => this.#piece())
      if (piece.ending) return { ending: piece.ending, empty }
      empty &&= piece.empty
    }
  }

  #piece(): Piece {
    const token = this.#reader.next()
    if (token.type === 'text') return { empty: token.text.trim() === '' }
    const word = this.#reader.skipSpace()
    if (word.type !== 'keyword' || word.text === 'nil') {
      pipeline({ reader: this.#reader, scope: this.#scope }, 'action')
      return { empty: false }
    }
    this.#reader.next()
    return this.#control(word)
  }

  #control(word: TemplateToken): Piece {
    const { text, at } = word
    if (text === 'end') return this.#end()
    if (text === 'else') return this.#else()
    if (text === 'if' || text === 'range' || text === 'with') this.#branch(text)
    else if (text === 'template') this.#call()
    else if (text === 'block') this.#block()
    else if (text === 'break' || text === 'continue') this.#jump(word)
    else throw new NotTemplate(at, 'a definition stands at the top of a template only')
    return { empty: false }
  }

  #end(): Piece {
    this.#reader.close("'}}' is expected behind 'end'")
    return { ending: 'end', empty: true }
  }

  /** `{{else if x}}` leaves its `if` to the branch that it belongs to. */
  #else(): Piece {
    const token = this.#reader.skipSpace()
    if (token.type !== 'keyword' || token.text !== 'if') this.#reader.close("'}}' is expected behind 'else'")
    return { ending: 'else', empty: true }
  }

  #branch(of: 'if' | 'range' | 'with'): void {
    const forget = this.#scope.mark()
    pipeline({ reader: this.#reader, scope: this.#scope }, of)
    if (of === 'range') this.#scope.ranges++
    const { ending } = this.#list()
    if (of === 'range') this.#scope.ranges--
    if (ending === 'else') this.#otherwise(of)
    forget()
  }

  #otherwise(of: string): void {
    const { at, type, text } = this.#reader.peek()
    if (of === 'if' && type === 'keyword' && text === 'if') {
      this.#reader.next()
      this.#reader.deeper(() => this.#branch('if'))
    } else if (this.#list().ending !== 'end') throw new NotTemplate(at, "behind '{{else}}' comes '{{end}}'")
  }

  #call(): void {
    this.#name()
    if (this.#reader.skipSpace().type === 'close') this.#reader.next()
    else pipeline({ reader: this.#reader, scope: this.#scope }, 'template')
  }

  #block(): void {
    const name = this.#name()
    pipeline({ reader: this.#reader, scope: this.#scope }, 'block')
    this.#body(name, "a block ends with '{{end}}'")
  }

  #jump({ text, at }: TemplateToken): void {
    this.#reader.close(`'}}' is expected behind '${text}'`)
    if (this.#scope.ranges === 0) throw new NotTemplate(at, `'${text}' stands inside {{range}} only`)
  }

  #name(): string {
    const token = this.#reader.word()
    if (token.type !== 'string') this.#reader.refuse(token, 'the name of a template is expected, in quotes')
    return unquote(token)
  }
}
