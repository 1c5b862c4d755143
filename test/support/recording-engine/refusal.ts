/** An answer of 400 and above, with the text that a real engine gives. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Swarm's own errors reach HTTP with their gRPC code in the text. */
export const swarmRefusal = (status: number, code: string, message: string): Refusal =>
  new Refusal(status, `rpc error: code = ${code} desc = ${message}`)

export const invalid = (message: string): Refusal => swarmRefusal(400, 'InvalidArgument', message)
export const notFound = (what: string, id: string): Refusal => new Refusal(404, `${what} ${id} not found`)
export const outOfSequence = (): Refusal => swarmRefusal(500, 'Unknown', 'update out of sequence')
