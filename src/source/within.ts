import { cutOff } from './source-error.ts'

export interface Span {
  readonly doing: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** Work within a time, for libraries that know no signal: when it is over, nobody waits for them any more. */
export async function within<T>(span: Span, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.any([span.signal, AbortSignal.timeout(span.timeoutMs)])
  const cut = () => cutOff(span.doing, span.signal, span.timeoutMs)
  if (signal.aborted) throw cut()
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(cut())
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work(signal), aborted])
  } catch (error) {
    throw signal.aborted ? cut() : error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
