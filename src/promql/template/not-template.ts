/** Go's text/template refuses it. */
export class NotTemplate extends Error {
  /** In the template: UTF-16 units from 0. */
  readonly at: number

  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}
