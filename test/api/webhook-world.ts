import { createHmac, randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { type WebhookOptions, type WebhookSeen, webhookRoutes } from '../../src/api/webhook.ts'
import type { KeptDelivery } from '../../src/api/webhook-deliveries.ts'
import type { Nudge } from '../../src/model/loop.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Shelf } from '../../src/model/shelf.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'

export const SECRET = "It's a Secret to Everybody"
export const REPOSITORY = { owner: 'Codertocat', repo: 'Hello-World' }
const SHA = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'

export const signatureOf = (body: string | Buffer, secret = SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

/** As GitHub sends it. `undefined` leaves a header out. */
export interface Post {
  readonly event?: string
  readonly body: unknown
  readonly id?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
}

interface Posted {
  readonly status: number
  readonly note: string
  readonly headers: Readonly<Record<string, unknown>>
}

export interface WebhookWorld {
  /** An object is sent as JSON, text and bytes as they are; each is signed. */
  post(post: Post): Promise<Posted>
  readonly nudges: Nudge[]
  readonly seen: WebhookSeen[]
  readonly shelf: Shelf<KeptDelivery>
  readonly clock: FakeClock
  /** On loopback, for what is not a whole request. */
  listen(): Promise<number>
  close(): Promise<void>
}

const bytesOf = (body: unknown): string | Buffer =>
  typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)

export function headersOf({ event = 'push', body, id = randomUUID(), headers }: Post): Record<string, string> {
  const all = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': id,
    'x-hub-signature-256': signatureOf(bytesOf(body)),
    ...headers,
  }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** The route alone, on a server of its own. */
export async function webhookWorld(options: Partial<WebhookOptions> = {}): Promise<WebhookWorld> {
  const clock = createFakeClock()
  const shelf = createMemoryStore().shelf<KeptDelivery>('delivery')
  const [nudges, seen]: [Nudge[], WebhookSeen[]] = [[], []]
  const server = fastify()
  const routes = webhookRoutes({
    secrets: [new Sensitive(SECRET)],
    repository: REPOSITORY,
    branch: 'main',
    deliveries: shelf,
    clock,
    nudge: (what) => nudges.push(what),
    listener: (one) => seen.push(one),
    ...options,
  })
  await server.register(routes)
  return {
    post: async (post) => {
      const url = '/webhooks/github'
      const answer = await server.inject({ method: 'POST', url, headers: headersOf(post), payload: bytesOf(post.body) })
      // What an answer leaves to be done is done in the next turn.
      await new Promise((resolve) => setImmediate(resolve))
      const { note, message } = answer.json<{ readonly note?: string; readonly message?: string }>()
      return { status: answer.statusCode, note: note ?? message ?? '', headers: answer.headers }
    },
    nudges,
    seen,
    shelf,
    clock,
    listen: async () => {
      await server.listen({ host: '127.0.0.1', port: 0 })
      return (server.server.address() as AddressInfo).port
    },
    close: () => server.close(),
  }
}

export const pushTo = (ref: string, more: object = {}): object => ({
  ref,
  before: '0'.repeat(40),
  after: SHA,
  repository: { full_name: `${REPOSITORY.owner}/${REPOSITORY.repo}` },
  ...more,
})
