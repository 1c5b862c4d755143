import type { FastifyReply, FastifyRequest } from 'fastify'
import { ReconcileError } from '../model/error.ts'
import type { Loop } from '../model/loop.ts'
import { WHOLE_TYPE } from '../report/wire.ts'
import { callOf, refuseBeyondScope } from './call.ts'
import type { Route } from './route.ts'

export interface ReadOptions {
  readonly loop: Loop
  readonly stop: AbortSignal
}

/** Answers what is asked; nobody works for a client that has gone. */
export function readHandler(route: Route, { loop, stop }: ReadOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const gone = new AbortController()
    const end = (message: string) => () => gone.abort(new ReconcileError('Aborted', { message, retryable: true }))
    const stopping = end('the daemon is stopping')
    stop.addEventListener('abort', stopping, { once: true })
    reply.raw.once('close', () => {
      stop.removeEventListener('abort', stopping)
      if (!reply.raw.writableFinished) end('whoever asked has gone')()
    })
    const call = callOf(request, loop, { whole: route.whole ?? false, signal: gone.signal })
    refuseBeyondScope(route, call, request)
    const answer = await route.answerTo(call)
    return reply.type(call.whole ? WHOLE_TYPE : 'application/json').send(JSON.stringify(answer))
  }
}
