import { type Reason, ReconcileError } from '../../model/error.ts'
import type { Problem } from '../../model/problem.ts'
import { TODO_OF } from '../../model/todo.ts'

interface Told {
  readonly reason?: unknown
  readonly message?: unknown
  readonly todo?: unknown
  readonly retryable?: unknown
  readonly problems?: readonly Problem[]
}

/** What the daemon says went wrong, as its own command line would have said it. */
export function toldError(url: string, status: number, body: string): ReconcileError {
  const told = readTold(body)
  const reason = typeof told?.reason === 'string' && told.reason in TODO_OF ? (told.reason as Reason) : undefined
  if (!told || typeof told.message !== 'string') return notOurs(url, status)
  return new ReconcileError(reason ?? 'TargetRefused', {
    message: reason ? told.message : `the daemon at ${url}: ${told.message}`,
    ...(typeof told.todo === 'string' && { todo: told.todo }),
    ...(told.problems && { problems: told.problems }),
    retryable: told.retryable === true,
  })
}

function readTold(body: string): Told | undefined {
  try {
    const { error } = JSON.parse(body) as { readonly error?: Told }
    return error
  } catch {
    return undefined // a proxy, or no swarmkeeper at all
  }
}

const notOurs = (url: string, status: number): ReconcileError =>
  new ReconcileError('TargetRefused', {
    message: `${url} answered ${status}, and not as swarmkeeper does`,
    todo: 'check `client.url`, and what stands between',
  })

export const otherForm = (url: string, format: unknown): ReconcileError =>
  new ReconcileError('TargetRefused', {
    message: `the daemon at ${url} answers in form ${String(format)}, which this swarmkeeper does not read`,
    todo: 'use the release that the daemon is: `swarmkeeper --version`',
  })
