import type { CallOptions } from '../model/target.ts'
import { notUnderstood } from './failures.ts'
import { NotThere, numberIn } from './reading.ts'
import type { Call, Rest } from './rest.ts'

/** Writes, and gives the id of what was written: an answer without one is none of GitHub's. */
export async function writeId(rest: Rest, call: Call, options: CallOptions): Promise<number> {
  const { data } = await rest.ask(call, options)
  try {
    return numberIn(data, 'id')
  } catch (error) {
    if (error instanceof NotThere) throw notUnderstood(call, error.message)
    throw error
  }
}
