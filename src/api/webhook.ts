import type { Readable } from 'node:stream'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/error.ts'
import type { Nudge } from '../model/loop.ts'
import type { Sensitive } from '../model/sensitive.ts'
import type { Shelf } from '../model/shelf.ts'
import { type BodyLimits, createBodyReader, refused, tooLarge } from './webhook-body.ts'
import { createDeliveries, type Deliveries, type DeliveryLimits, type KeptDelivery } from './webhook-deliveries.ts'
import { meaningOf, readEvent, type Tracked, type WebhookEvent } from './webhook-event.ts'
import { readPayload } from './webhook-payload.ts'
import { readSignature, signedBy, type Verifier } from './webhook-signature.ts'

export interface WebhookOptions extends Tracked {
  /** Newest first; at least one. Two while the one at GitHub is being changed. */
  readonly secrets: readonly Sensitive[]
  /** `delivery`. */
  readonly deliveries: Shelf<KeptDelivery>
  readonly clock: Clock
  readonly nudge: (what: Nudge) => void
  /** Logs and metrics listen. */
  readonly listener?: (seen: WebhookSeen) => void
  readonly limits?: Partial<WebhookLimits>
}

/** What senders may cost who have not proven anything (SEC-14). How long they may take is the server's to say. */
export interface WebhookLimits extends BodyLimits, DeliveryLimits {
  /** Per source address. */
  readonly requestsPerMinute: number
}

export const WEBHOOK_LIMITS: WebhookLimits = {
  bodyBytes: 3 * 1024 * 1024,
  bodiesBytes: 32 * 1024 * 1024,
  deliveries: 10_000,
  deliveryMs: 3 * 86_400_000,
  againMs: 10_000,
  requestsPerMinute: 600,
}

export type WebhookSeen =
  | {
      readonly type: 'webhook:taken'
      readonly event: string
      readonly delivery?: string
      readonly said: WebhookEvent
      readonly note: string
      /** Its body or its id was there before. */
      readonly repeated: boolean
      /** What was asked for because of it. */
      readonly nudge?: Nudge
    }
  | { readonly type: 'webhook:refused'; readonly from: string; readonly status: number; readonly message: string }
  /** It was answered, and what it asked for was not recorded or not done: polling finds it. */
  | { readonly type: 'webhook:trouble'; readonly message: string }

/** What one delivery becomes, once its signature holds. */
interface Delivered {
  readonly event: string
  readonly id: string | undefined
  readonly signature: string
  readonly said: WebhookEvent
  readonly note: string
  readonly nudge: Nudge | undefined
}

/**
 * `POST /webhooks/github`. Whatever it hears is a nudge to look sooner: polling is the truth, so nothing in a delivery
 * is trusted beyond that, and one that is lost or refused loses nothing.
 *
 *   headers -> (401, 400, 429) -> body -> (413, 408, 503) -> signature -> (401) -> JSON -> (400) -> 202, then the nudge
 *
 * @throws ReconcileError `InvalidSettings` at once, where a secret is missing or empty
 */
export function webhookRoutes(options: WebhookOptions): FastifyPluginAsync {
  const verifier = signedBy(options.secrets)
  const limits = { ...WEBHOOK_LIMITS, ...options.limits }
  const deliveries = createDeliveries({ shelf: options.deliveries, clock: options.clock, limits })
  const listener = safely(options.listener)
  return async (server) => {
    await limitSources(server, limits)
    readBodies(server, { verifier, limits })
    server.addHook('onError', async (request, _reply, error) => {
      const status = error.statusCode ?? 500
      listener({ type: 'webhook:refused', from: sourceOf(request), status, message: error.message })
    })
    server.post('/webhooks/github', { onRequest: refuseHeaders }, async (request, reply) => {
      const delivered = read(request, { ...options, verifier })
      // Not awaited: GitHub is answered before the database or anybody else is asked.
      setImmediate(() => act(delivered, { deliveries, nudge: options.nudge, listener }))
      return reply.code(202).send({ note: delivered.note })
    })
  }
}

/** Nobody answers for what is thrown after the answer: it would end the process (SEC-23). */
const safely =
  (listener: WebhookOptions['listener']) =>
  (seen: WebhookSeen): void => {
    try {
      listener?.(seen)
    } catch {
      // Whoever only listens stops nothing.
    }
  }

const sourceOf = (request: FastifyRequest): string => request.socket.remoteAddress ?? 'unix'

async function limitSources(server: FastifyInstance, { requestsPerMinute: max }: WebhookLimits): Promise<void> {
  await server.register(rateLimit, { global: false })
  const bySource = server.createRateLimit({ max, timeWindow: 60_000, keyGenerator: sourceOf })
  server.addHook('onRequest', async (request, reply) => {
    const found = await bySource(request)
    if (found.isAllowed || !found.isExceeded) return
    // The body is not read, so the connection cannot be used again.
    reply.header('retry-after', found.ttlInSeconds).header('connection', 'close')
    throw refused(429, `too many webhooks: ${max} a minute are taken from one address`)
  })
}

/** Before a byte of the body is read. */
async function refuseHeaders({ headers }: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('connection', 'close')
  if (!readSignature(headers['x-hub-signature-256'])) {
    throw refused(401, 'a webhook carries one X-Hub-Signature-256, made with the secret that is in the settings')
  }
  if (!/^[a-z0-9_]{1,64}$/.test(String(headers['x-github-event'] ?? ''))) {
    throw refused(400, 'a webhook carries one X-GitHub-Event')
  }
  reply.removeHeader('connection')
}

interface SignedBody {
  readonly bytes: Buffer
  readonly verifier: Verifier
}

interface Signing {
  readonly verifier: () => Verifier
}

interface Reading extends Signing {
  readonly limits: WebhookLimits
}

/** Any type of content: what it is, is asked after the signature. */
function readBodies(server: FastifyInstance, { verifier, limits }: Reading): void {
  const reader = createBodyReader(limits)
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', async (request: FastifyRequest, stream: Readable) => {
    const length = Number(request.headers['content-length'] ?? 0)
    if (length > limits.bodyBytes) throw tooLarge(limits.bodyBytes)
    const making = verifier()
    return { bytes: await reader.read(stream, making), verifier: making } satisfies SignedBody
  })
}

/** The delivery of a request whose signature holds. */
function read({ headers, body }: FastifyRequest, { verifier, ...tracked }: Tracked & Signing): Delivered {
  const signed = (body as SignedBody | undefined) ?? { bytes: Buffer.alloc(0), verifier: verifier() }
  const expected = readSignature(headers['x-hub-signature-256'])
  const signature = expected && signed.verifier.matched(expected)
  if (!signature) throw refused(401, 'the signature of the webhook was not made with our secret')
  const payload = readPayload(signed.bytes, headers['content-type'])
  if (payload === undefined) throw refused(400, 'the body of the webhook is neither JSON nor a form with JSON')
  const event = String(headers['x-github-event'])
  const said = readEvent(event, payload)
  const { note, nudge } = meaningOf(said, tracked)
  return { event, id: idOf(headers['x-github-delivery']), signature, said, note, nudge }
}

/** Only what can be one becomes a key of the database. */
const idOf = (header: unknown): string | undefined =>
  typeof header === 'string' && /^[\w-]{1,64}$/.test(header) ? header : undefined

interface Acting {
  readonly deliveries: Deliveries
  readonly nudge: (what: Nudge) => void
  readonly listener: (seen: WebhookSeen) => void
}

function act(delivered: Delivered, { deliveries, nudge, listener }: Acting): void {
  const { event, id, said, note, signature, nudge: what } = delivered
  const told = { type: 'webhook:taken', event, said, note, ...(id === undefined ? {} : { delivery: id }) } as const
  try {
    if (!what) {
      listener({ ...told, repeated: false })
      return
    }
    const seen = seenBefore(deliveries, { event, id, signature, asks: JSON.stringify(what) }, listener)
    if (seen !== 'soon') nudge(what)
    listener({ ...told, repeated: seen !== 'new', ...(seen === 'soon' ? {} : { nudge: what }) })
  } catch (error) {
    listener({ type: 'webhook:trouble', message: messageOf(error) })
  }
}

/** A database that is locked or full stops no nudge: whoever is nudged twice looks twice. */
function seenBefore(
  deliveries: Deliveries,
  arrived: Parameters<Deliveries['seen']>[0],
  listener: Acting['listener'],
): ReturnType<Deliveries['seen']> {
  try {
    return deliveries.seen(arrived)
  } catch (error) {
    listener({ type: 'webhook:trouble', message: `the delivery was not recorded: ${messageOf(error)}` })
    return 'new'
  }
}
