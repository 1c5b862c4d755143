import type { Readable } from 'node:stream'
import type { Verifier } from './webhook-signature.ts'

export interface BodyLimits {
  readonly bodyBytes: number
  /** Of all bodies that are being read: whoever proves nothing may fill no more memory than this. */
  readonly bodiesBytes: number
}

/** Bodies that are being read at one time. */
export interface BodyReader {
  /** The whole, once it is there; each part goes to `verifier` as it comes, so that no large body is hashed at once. */
  read(stream: Readable, verifier: Verifier): Promise<Buffer>
}

export function createBodyReader({ bodyBytes, bodiesBytes }: BodyLimits): BodyReader {
  let held = 0
  return {
    read: async (stream, verifier) => {
      const chunks: Buffer[] = []
      let size = 0
      const take = (chunk: Buffer): void => {
        size += chunk.length
        held += chunk.length
        if (size > bodyBytes) throw tooLarge(bodyBytes)
        if (held > bodiesBytes) throw refused(503, 'too many webhooks arrive at once')
        verifier.update(chunk)
        chunks.push(chunk)
      }
      try {
        await eachChunk(stream, take)
        return Buffer.concat(chunks, size)
      } finally {
        held -= size
      }
    },
  }
}

/** Until the end, or until `take` throws. Not `for await`: that would close the socket before the refusal is written. */
function eachChunk(stream: Readable, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      try {
        take(chunk)
      } catch (error) {
        stream.removeAllListeners('data').pause()
        reject(error)
      }
    })
    stream.once('end', resolve)
    const cutOff = () => reject(refused(400, 'the body of the webhook was cut off'))
    stream.once('error', cutOff).once('close', cutOff)
  })
}

export const tooLarge = (bytes: number): Error => refused(413, `a webhook is at most ${bytes} bytes`)

export const refused = (statusCode: number, message: string): Error => Object.assign(new Error(message), { statusCode })
