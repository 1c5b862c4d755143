import { connect } from 'node:net'
import type { Probe } from '../../model/check.ts'
import { lookupOf, NotAllowed, openThere, reach, reasonOf, type TryOptions } from '../../web/reach.ts'
import { type Attempt, failed, passed } from './attempt.ts'

export async function tryTcp(probe: Extract<Probe, { type: 'tcp' }>, options: TryOptions): Promise<Attempt> {
  const { host, port } = probe
  const name = `tcp ${host}:${port}`
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = AbortSignal.any([timeout, options.signal])
  try {
    await connectFrom(host, port, { ...options, signal })
    return passed(`${name}: accepted the connection`)
  } catch (error) {
    if (timeout.aborted) return failed(`${name}: no connection within ${options.timeoutMs / 1000} s`)
    return failed(`${name}: ${reasonOf(error)}, expected a connection`, { final: error instanceof NotAllowed })
  }
}

async function connectFrom(host: string, port: number, options: TryOptions): Promise<void> {
  const { open } = options
  if (open) {
    const stream = await openThere(host, port, { ...options, open })
    stream.destroy()
    return
  }
  const addresses = await reach(host, port, options)
  await connectOnce(host, port, { lookup: lookupOf(addresses), signal: options.signal })
}

function connectOnce(
  host: string,
  port: number,
  { lookup, signal }: { readonly lookup: ReturnType<typeof lookupOf>; readonly signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup })
    const stop = () => socket.destroy(signal.reason)
    socket.once('close', () => {
      signal.removeEventListener('abort', stop)
      reject(new Error('the connection was closed'))
    })
    socket.once('error', reject)
    socket.once('connect', () => {
      resolve()
      socket.destroy()
    })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
