import { NotTemplate } from './not-template.ts'
import type { TemplateToken } from './tokens.ts'

const END: TemplateToken = { type: 'end', text: '', at: 0 }

/** A parser's place among the words of a template. What could not be read is an error once the parser comes to it. */
export class TokenReader {
  readonly #tokens: readonly TemplateToken[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly TemplateToken[]) {
    this.#tokens = tokens
  }

  /** The next word, a space too. */
  peek(ahead = 0): TemplateToken {
    const token = this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1) ?? END
    if (token.type === 'error') throw new NotTemplate(token.at, token.text)
    return token
  }

  next(): TemplateToken {
    const token = this.peek()
    this.#at++
    return token
  }

  skipSpace(): TemplateToken {
    while (this.peek().type === 'space') this.#at++
    return this.peek()
  }

  /** The next word that is no space. */
  word(): TemplateToken {
    this.skipSpace()
    return this.next()
  }

  is(type: TemplateToken['type'], text?: string): boolean {
    const token = this.peek()
    return token.type === type && (text === undefined || token.text === text)
  }

  /** A keyword behind the `{{` that comes next. */
  isAction(keyword: string): boolean {
    if (!this.is('open')) return false
    const ahead = this.peek(1).type === 'space' ? 2 : 1
    const token = this.peek(ahead)
    return token.type === 'keyword' && token.text === keyword
  }

  close(where: string): void {
    const token = this.word()
    if (token.type !== 'close') this.refuse(token, where)
  }

  refuse(token: TemplateToken, where: string): never {
    const got = token.type === 'end' ? 'the template ends' : `'${token.text.slice(0, 20)}' stands`
    throw new NotTemplate(token.at, `${got} where ${where}`)
  }

  deeper<T>(parse: () => T): T {
    this.#depth++
    if (this.#depth > 300) throw new NotTemplate(this.peek().at, 'nested too deeply')
    const parsed = parse()
    this.#depth--
    return parsed
  }
}
