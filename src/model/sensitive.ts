import { inspect } from 'node:util'

const REDACTED = '[REDACTED]'

/** A secret value. It prints `[REDACTED]` wherever something turns it into text; `reveal()` is called where it is used. */
export class Sensitive {
  readonly #bytes: Buffer

  constructor(value: string | Uint8Array) {
    this.#bytes = Buffer.from(value)
  }

  reveal(): Buffer {
    return Buffer.from(this.#bytes)
  }

  revealText(): string {
    return this.#bytes.toString('utf8')
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}
