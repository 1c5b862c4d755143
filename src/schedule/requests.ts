import { ReconcileError } from '../model/error.ts'
import type { FleetOutcome } from '../model/outcome.ts'
import type { TickAsk } from './ticks.ts'

export interface Request {
  readonly ask: TickAsk
  resolve(outcome: FleetOutcome): void
  reject(error: unknown): void
}

/** What was asked for and has not begun, oldest first. */
export interface Requests {
  add(request: Request): void
  take(): Request | undefined
  rest(): readonly Request[]
  count(): number
}

export function createRequests(): Requests {
  const waiting: Request[] = []
  return {
    add: (request) => void waiting.push(request),
    take: () => waiting.shift(),
    rest: () => waiting.splice(0),
    count: () => waiting.length,
  }
}

export const stopping = (): ReconcileError =>
  new ReconcileError('Aborted', {
    message: 'the daemon is stopping',
    todo: 'ask again when it runs; what was decided is kept',
    retryable: true,
  })
