import { NotPromql } from './flaw.ts'
import type { Token } from './tokens.ts'

/** A parser's place among the words of an expression. */
export class Cursor {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #at = 0
  #depth = 0
  #operations = 0

  /** @param end the length of the text */
  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.#end = end
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead]
  }

  /** The next word is this operator, bracket or keyword. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token !== undefined && (token.type === 'operator' || token.type === 'keyword') && token.text === text
  }

  next(): Token | undefined {
    const token = this.peek()
    if (token) this.#at++
    return token
  }

  take(text: string): Token | undefined {
    return this.is(text) ? this.next() : undefined
  }

  takeType(type: Token['type']): Token | undefined {
    return this.peek()?.type === type ? this.next() : undefined
  }

  need(text: string, where: string): Token {
    return this.take(text) ?? this.refuse(`'${text}' is expected ${where}`)
  }

  needType(type: Token['type'], where: string): Token {
    return this.takeType(type) ?? this.refuse(`a ${type} is expected ${where}`)
  }

  /** Where the word before the next one ends. */
  get before(): number {
    return this.#tokens[this.#at - 1]?.to ?? 0
  }

  get place(): number {
    return this.peek()?.from ?? this.#end
  }

  refuse(expected: string): never {
    const token = this.peek()
    const got = token ? `'${clip(token.text)}' stands here` : 'the expression ends here'
    throw new NotPromql(this.place, `${got}: ${expected}`)
  }

  /** One more of what makes a tree deeper without standing inside anything: `a + b + c …`. */
  grow(): void {
    this.#operations++
    if (this.#operations > MOST_OPERATIONS) throw new NotPromql(this.place, `more than ${MOST_OPERATIONS} operations`)
  }

  /** Parses something that may stand inside itself. */
  deeper<T>(parse: () => T): T {
    this.#depth++
    if (this.#depth > DEEPEST) throw new NotPromql(this.place, `nested deeper than ${DEEPEST} levels`)
    const parsed = parse()
    this.#depth--
    return parsed
  }
}

const DEEPEST = 500
const MOST_OPERATIONS = 1000

export const clip = (text: string): string => (text.length > 30 ? `${text.slice(0, 30)}…` : text)
