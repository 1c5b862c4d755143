import type { TextReader } from './text-reader.ts'
import { YamlError } from './yaml-error.ts'

/** Something that is a key if a `:` follows it on its line. */
export interface SimpleKey {
  /** It stands where only a key may stand. */
  readonly required: boolean
  /** Of its token, counted from the first of the text. */
  readonly number: number
  readonly at: number
  readonly line: number
  readonly column: number
}

/** The longest key without `?`, in characters. */
const LONGEST_KEY = 1024

/** What may turn out to be a key: one outside of all brackets, and one in each that is open. */
export class SimpleKeys {
  readonly #reader: TextReader
  readonly #keys: (SimpleKey | undefined)[] = [undefined]

  constructor(reader: TextReader) {
    this.#reader = reader
  }

  /** Open brackets. */
  get depth(): number {
    return this.#keys.length - 1
  }

  open(): void {
    this.#keys.push(undefined)
  }

  close(): void {
    if (this.depth > 0) this.#keys.pop()
  }

  save(key: SimpleKey): void {
    this.drop()
    this.#keys[this.depth] = key
  }

  /** Nothing can make a key of it any more. @throws YamlError where only a key may stand */
  drop(at = this.depth): void {
    const key = this.#keys[at]
    if (key?.required) throw new YamlError(key.at, COLON_MISSING)
    this.#keys[at] = undefined
  }

  /** What a `:` that stands here makes a key. */
  take(): SimpleKey | undefined {
    const key = this.#valid(this.depth)
    this.#keys[this.depth] = undefined
    return key
  }

  /** May the token of this number become one? */
  has(number: number): boolean {
    const at = this.#keys.findIndex((key) => key?.number === number)
    return at >= 0 && this.#valid(at) !== undefined
  }

  #valid(at: number): SimpleKey | undefined {
    const key = this.#keys[at]
    if (key?.line === this.#reader.line && key.at + LONGEST_KEY >= this.#reader.at) return key
    this.drop(at)
    return undefined
  }
}

const COLON_MISSING = "this should be a key, and the ':' behind it is missing"
