import type { Delivery, Sent, Sink } from '../../src/model/message.ts'

/** A sink of the tests: it keeps what it got, and answers what it is told to. */
export interface RecordingSink extends Sink {
  readonly got: Delivery[]
  /** Answers of the next sends, in order; then `otherwise`. */
  readonly answers: (Sent | Promise<Sent>)[]
  otherwise: (delivery: Delivery, signal: AbortSignal) => Sent | Promise<Sent>
  /** Bodies in the order of their coming. */
  readonly bodies: () => readonly unknown[]
}

export function createRecordingSink(name: string): RecordingSink {
  const got: Delivery[] = []
  const answers: (Sent | Promise<Sent>)[] = []
  const sink: RecordingSink = {
    name,
    got,
    answers,
    otherwise: () => ({ state: 'sent' }),
    bodies: () => got.map(({ body }) => body),
    send: async (delivery, { signal }) => {
      got.push(delivery)
      return answers.shift() ?? sink.otherwise(delivery, signal)
    },
  }
  return sink
}
