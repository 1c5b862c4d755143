import { InternalError, messageOf, ReconcileError } from '../model/error.ts'
import type { Paint } from '../report/paint.ts'
import { printable } from '../report/printable.ts'
import { renderProblems } from '../report/render-problems.ts'

/** What went wrong, why, and what to do; never a stack trace. */
export function renderError(error: unknown, paint: Paint): readonly string[] {
  if (error instanceof ReconcileError) return renderReconcileError(error, paint)
  const fault = error instanceof InternalError || !isSystemError(error)
  return [
    paint.bad(`error: ${printable(messageOf(error))}`),
    ...(fault
      ? [`  ${paint.accent('=>')} this is a fault of swarmkeeper: please report it, with the command that you typed`]
      : []),
  ]
}

function renderReconcileError(error: ReconcileError, paint: Paint): readonly string[] {
  const why = causesOf(error).filter((message) => !error.message.includes(message))
  return [
    paint.bad(`error: ${printable(error.message)}`),
    ...renderProblems(error.problems, paint).map((line) => `  ${line}`),
    ...why.map((message) => `  why: ${printable(message)}`),
    `  ${paint.accent('=>')} ${printable(error.todo)}`,
  ]
}

const MOST_CAUSES = 5

function causesOf(error: Error): readonly string[] {
  const causes: string[] = []
  for (let cause = error.cause; cause !== undefined && causes.length < MOST_CAUSES; ) {
    causes.push(messageOf(cause))
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return causes
}

/** A file that cannot be read or written: the operator's world, not our fault. */
const isSystemError = (error: unknown): boolean =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error
