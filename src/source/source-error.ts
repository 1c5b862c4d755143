import { ReconcileError } from '../model/error.ts'
import type { SourceLimits } from './git-options.ts'

export function refused(message: string, todo?: string): ReconcileError {
  return new ReconcileError('SourceRefused', { message, ...(todo === undefined ? {} : { todo }) })
}

export function unreachable(
  message: string,
  details: { readonly todo?: string; readonly final?: true; readonly cause?: unknown } = {},
): ReconcileError {
  const { todo, final, cause } = details
  return new ReconcileError('SourceUnreachable', {
    message,
    retryable: final !== true,
    ...(todo === undefined ? {} : { todo }),
    ...(cause === undefined ? {} : { cause }),
  })
}

/** What an abort means: the caller's is `Aborted`, our own timer's is a source that does not answer. */
export function cutOff(doing: string, caller: AbortSignal, timeoutMs: number): ReconcileError {
  if (caller.aborted) return new ReconcileError('Aborted', { message: `${doing}: cancelled`, cause: caller.reason })
  return unreachable(`${doing}: no answer within ${timeoutMs / 1000} s`)
}

export function tooManyFiles({ files, pathBytes }: SourceLimits): ReconcileError {
  const most = `${files} files, or ${pathBytes} bytes of paths`
  return refused(`the configured folder holds more than is read: ${most}`, 'keep only configuration in the repository')
}
