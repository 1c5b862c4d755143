import type { Duplex } from 'node:stream'
import { ReconcileError } from '../../../model/error.ts'

export interface HttpRequest {
  readonly headers: readonly string[]
  readonly body: string
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** What supervisord may answer at most: the state of some thousands of processes. */
const MOST = 16 * 1024 * 1024

/**
 * One request on a connection that is kept: supervisord's server always says how long its answer is (supervisor http.py), and
 * a stream through a shell is no socket that Node's own client could take. Rejections: `TargetUnreachable`, and the signal's.
 */
export function httpCall(
  stream: Duplex,
  request: HttpRequest,
  { signal, where }: { readonly signal: AbortSignal; readonly where: string },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let got = Buffer.alloc(0)
    const done = (settle: () => void) => {
      stream.off('data', onData).off('error', onError).off('close', onClose)
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const lost = (why: string) => {
      const message = `${where}: the connection to supervisord was lost: ${why}`
      done(() => reject(new ReconcileError('TargetUnreachable', { message, retryable: true })))
    }
    const onError = (error: Error) => lost(error.message)
    const onClose = () => lost('it was closed')
    const onAbort = () => done(() => reject(signal.reason))
    const onData = (chunk: Buffer) => {
      got = Buffer.concat([got, chunk])
      const answer = answerOf(got)
      if (answer) done(() => resolve(answer))
      else if (got.length > MOST) lost(`it answers with more than ${MOST} bytes`)
    }
    if (signal.aborted) return reject(signal.reason)
    if (stream.destroyed) return lost('it is closed')
    stream.on('data', onData).on('error', onError).on('close', onClose)
    signal.addEventListener('abort', onAbort)
    stream.write(requestOf(request))
  })
}

export function requestOf({ headers, body }: HttpRequest): string {
  const length = Buffer.byteLength(body)
  const head = ['POST /RPC2 HTTP/1.1', 'Host: localhost', 'Content-Type: text/xml', `Content-Length: ${length}`]
  return `${[...head, ...headers, '', ''].join('\r\n')}${body}`
}

/** Undefined as long as it is not whole. */
export function answerOf(got: Buffer): HttpAnswer | undefined {
  const end = got.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = got.subarray(0, end).toString('latin1')
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
  if (got.length < end + 4 + length) return undefined
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0)
  return { status, body: got.subarray(end + 4, end + 4 + length).toString('utf8') }
}
