/** Why YAML cannot be made out of a text. */
export class YamlError extends Error {
  /** UTF-16 units from 0. */
  readonly offset: number

  constructor(offset: number, message: string) {
    super(message)
    this.name = 'YamlError'
    this.offset = offset
  }
}
