import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { Log } from '../model/log.ts'
import type { Loop } from '../model/loop.ts'
import { JSON_FORMAT } from '../report/json.ts'
import type { Acted } from './act-routes.ts'
import type { Audit, AuditEntry } from './audit.ts'
import { callOf, refuseBeyondScope } from './call.ts'
import { statusOf } from './errors.ts'
import type { Call, Route } from './route.ts'

export interface ActOptions {
  readonly loop: Loop
  readonly audit: Audit
  readonly log: Log
}

/** What was asked for goes on when whoever asked has gone; the loop brings it to its end when it stops. */
const NEVER = new AbortController().signal

/** Does what is asked, and writes down what became of it, whether somebody waits for it or not. */
export function actHandler(route: Route, { loop, audit, log }: ActOptions) {
  const untold = createUntold()
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const asked = callOf(request, loop, { whole: false, signal: NEVER })
    refuseBeyondScope(route, asked, request)
    const waits = waitsFor(route, asked)
    if (waits) untold.tell(asked)
    const call = waits ? asked : withToken(route, asked)
    request.acting = true
    // An apply takes as long as it takes, in silence.
    request.raw.socket.setTimeout(0)
    const work = carryOut(route, call, { audit, key: request.auditKey ?? '', status: waits ? 200 : 202 })
    if (waits) return (await work).answer
    work.catch((error) => {
      untold.keep(call, error)
      log.warn({ error, operation: route.operation }, 'what nobody waits for failed')
    })
    const { token } = call.body
    return reply.code(202).send({ format: JSON_FORMAT, accepted: true, ...(token === undefined ? {} : { token }) })
  }
}

const MOST_UNTOLD = 1_000

/**
 * What failed while nobody waited, a misspelt app say, is what became of it: who asks under its token is told so, once,
 * before anything else is done under it.
 */
function createUntold() {
  const failures = new Map<unknown, unknown>()
  return {
    keep: ({ body: { token } }: Call, error: unknown): void => {
      if (token === undefined) return
      const [oldest] = failures.keys()
      if (failures.size >= MOST_UNTOLD) failures.delete(oldest)
      failures.set(token, error)
    },
    tell: ({ body: { token } }: Call): void => {
      if (!failures.has(token)) return
      const error = failures.get(token)
      failures.delete(token)
      throw error
    },
  }
}

const waitsFor = ({ waits }: Route, { body }: Call): boolean =>
  waits === 'asked' ? body.wait === true : waits === false || body.wait !== false

/** Who does not wait can ask again under the token, and learn what became of it. */
const withToken = ({ waits }: Route, call: Call): Call =>
  waits === 'asked' ? { ...call, body: { token: randomUUID(), ...call.body } } : call

async function carryOut(
  route: Route,
  call: Call,
  { audit, key, status }: { readonly audit: Audit; readonly key: string; readonly status: number },
): Promise<Acted> {
  try {
    const acted = (await route.answerTo(call)) as Acted
    const apps = acted.fleet && Object.fromEntries(acted.fleet.apps.map(({ app, outcome }) => [app, outcome]))
    audit.end(key, { outcome: 'done', status, ...(apps && { apps }) })
    return acted
  } catch (error) {
    audit.end(key, { ...failureOf(error), ...(status === 202 ? { status } : {}) })
    throw error
  }
}

/** What was refused by its own fault, and what failed by somebody else's. */
export function failureOf(error: unknown): Pick<AuditEntry, 'outcome' | 'status' | 'reason' | 'message'> {
  const status = statusOf(error)
  const reason = error instanceof ReconcileError ? error.reason : status === 500 ? 'Internal' : 'Usage'
  return { outcome: status < 500 ? 'refused' : 'failed', status, reason, message: messageOf(error) }
}
