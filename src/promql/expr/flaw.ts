/** Something wrong in an expression: where in its text, in UTF-16 units from 0, and what. */
export interface ExprFlaw {
  readonly at: number
  readonly message: string
}

export class NotPromql extends Error {
  readonly flaw: ExprFlaw

  constructor(at: number, message: string) {
    super(message)
    this.flaw = { at, message }
  }
}
