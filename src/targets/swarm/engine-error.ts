import { type Reason, ReconcileError } from '../../model/error.ts'

export interface EngineErrorDetails {
  /** `POST /services/create on unix:///var/run/docker.sock` */
  readonly call: string
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  readonly text: string
  /** The request may have reached the engine, so its effect is not known when no answer came. */
  readonly sent: boolean
  readonly cause?: unknown
}

/** What an engine answered, or that it did not. */
export class EngineError extends ReconcileError {
  readonly status: number
  readonly sent: boolean

  constructor(details: EngineErrorDetails) {
    const { reason, retryable } = meaningOf(details)
    const got = details.status === 0 ? details.text : `${details.status} ${details.text}`
    const todo = todoFor(reason)
    super(reason, {
      message: `${details.call}: ${got}`,
      retryable,
      ...(todo === undefined ? {} : { todo }),
      cause: details.cause,
    })
    this.name = 'EngineError'
    this.status = details.status
    this.sent = details.sent
  }
}

/** Swarm reports a stale version index as 500: the one place where text is matched (swarm.md 8). */
const OUT_OF_SEQUENCE = 'update out of sequence'

/** No answer, or a proxy's word that it has none (502, 504), or no leader, or not a manager any more (503). */
const isNoAnswer = (status: number): boolean => status === 0 || (status >= 502 && status <= 504)

function meaningOf({ status, text }: EngineErrorDetails): { readonly reason: Reason; readonly retryable: boolean } {
  if (isNoAnswer(status)) return { reason: 'TargetUnreachable', retryable: true }
  if (status === 404) return { reason: 'NotFound', retryable: false }
  if (status === 409) return { reason: 'Conflict', retryable: false }
  if (status === 500 && text.includes(OUT_OF_SEQUENCE)) return { reason: 'VersionConflict', retryable: true }
  return { reason: 'TargetRefused', retryable: status === 500 || status === 429 }
}

function todoFor(reason: Reason): string | undefined {
  if (reason === 'TargetUnreachable') return 'check that the engine runs and that its endpoint can be reached from here'
  if (reason === 'VersionConflict') return 'nothing: it is observed and planned again'
  return undefined
}

const hasStatus = (error: unknown, status: number): boolean => error instanceof EngineError && error.status === status

export const isNotFound = (error: unknown): boolean => hasStatus(error, 404)
export const isNameTaken = (error: unknown): boolean => hasStatus(error, 409)
/** No manager answers there: another endpoint might. */
export const isUnreachable = (error: unknown): error is EngineError =>
  error instanceof EngineError && isNoAnswer(error.status)
