import type { FastifyError, FastifyInstance } from 'fastify'
import { type Reason, ReconcileError } from '../model/error.ts'
import type { Log } from '../model/log.ts'
import type { Problem } from '../model/problem.ts'

/** How every failure is answered; the remote command line makes its `ReconcileError` of it again. */
export interface ErrorAnswer {
  readonly error: {
    readonly reason: string
    readonly message: string
    readonly todo: string
    readonly retryable: boolean
    readonly problems?: readonly Problem[]
    /** Of the line in the log that says more, where this says little. */
    readonly request?: string
  }
}

const STATUS: Readonly<Partial<Record<Reason, number>>> = {
  Usage: 400,
  NotAllowed: 403,
  NotFound: 404,
  Conflict: 409,
  GuardHeld: 409,
  DataChange: 409,
  VersionConflict: 409,
  RecordDisagrees: 409,
  Superseded: 409,
  InvalidDesired: 422,
  SourceUnreachable: 502,
  TargetUnreachable: 502,
  Aborted: 503,
  StoreLocked: 503,
  LeaseHeld: 503,
  LeaseLost: 503,
  TimedOut: 504,
}

export const statusOf = (error: unknown): number => {
  const { statusCode } = error as Partial<FastifyError>
  if (error instanceof ReconcileError) return statusCode ?? STATUS[error.reason] ?? 500
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? statusCode : 500
}

/** A fault of ours says nothing of itself to whoever asked: what it is stands in the log. */
export function answerOf(error: unknown, request: string): ErrorAnswer {
  if (error instanceof ReconcileError) {
    const { reason, message, todo, retryable, problems } = error
    return { error: { reason, message, todo, retryable, ...(problems.length > 0 ? { problems } : {}) } }
  }
  const status = statusOf(error)
  if (status === 500) {
    const todo = 'see the log of the daemon for this request, and report it'
    return { error: { reason: 'Internal', message: 'a fault of swarmkeeper', todo, retryable: false, request } }
  }
  return { error: { reason: 'Usage', retryable: status === 429, ...wordsOf(status, error as FastifyError) } }
}

/** What Fastify refuses: malformed, too large, too often. */
function wordsOf(status: number, error: FastifyError): { readonly message: string; readonly todo: string } {
  const todo = 'GET /api/v1/openapi.json says what can be asked'
  switch (status) {
    case 413:
      return { message: 'the body is too large', todo }
    case 415:
      return { message: 'the body has a type that is not taken', todo: 'send application/json' }
    case 429:
      return { message: error.message, todo: 'wait as long as Retry-After says' }
    default:
      return { message: error.validation ? error.message : 'the request is malformed', todo }
  }
}

/** No answer tells routes that are not there from things that are not there. */
export function answerErrors(server: FastifyInstance, { log }: { readonly log: Log }): void {
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const status = statusOf(error)
    if (status >= 500) log.error({ request: request.id, route: request.routeOptions.url, error }, 'request failed')
    return reply.code(status).send(answerOf(error, request.id))
  })
  server.setNotFoundHandler((request, reply) => reply.code(404).send(answerOf(notFound(), request.id)))
}

export const notFound = (message = 'there is no such thing'): ReconcileError =>
  new ReconcileError('NotFound', { message, todo: 'GET /api/v1/openapi.json says what can be asked' })
