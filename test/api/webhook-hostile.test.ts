import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/api/limits.ts'
import { WEBHOOK_LIMITS, webhookRoutes } from '../../src/api/webhook.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { apiWorld } from './api-world.ts'
import { headersOf, pushTo, REPOSITORY, SECRET, type WebhookWorld, webhookWorld } from './webhook-world.ts'

const MIB = 1024 * 1024
const PUSH = pushTo('refs/heads/main')
const closing: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function open(
  options: Parameters<typeof webhookWorld>[0] = {},
): Promise<WebhookWorld & { readonly port: number }> {
  const world = await webhookWorld(options)
  closing.push(() => world.close())
  return { ...world, port: await world.listen() }
}

/** A client that writes what it likes. */
function client(port: number): {
  readonly socket: Socket
  readonly answer: () => string
  readonly closed: Promise<unknown>
} {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('latin1')
  })
  socket.on('error', () => {})
  closing.push(() => void socket.destroy())
  return { socket, answer: () => answer, closed: once(socket, 'close') }
}

const head = (more: Readonly<Record<string, string>>): string => {
  const headers = { host: 'localhost', ...headersOf({ body: 'x' }), ...more }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return ['POST /webhooks/github HTTP/1.1', ...lines, '', ''].join('\r\n')
}

describe('SEC-14: how much is taken', () => {
  it('is 3 MiB, and exactly that', async () => {
    expect(WEBHOOK_LIMITS.bodyBytes).toBe(3 * MIB)
    const world = await webhookWorld()
    const padded = (bytes: number): string => {
      const json = JSON.stringify(PUSH)
      return json + ' '.repeat(bytes - json.length)
    }
    expect(await world.post({ body: padded(3 * MIB) })).toMatchObject({ status: 202 })
    expect(await world.post({ body: padded(3 * MIB + 1) })).toMatchObject({ status: 413 })
  })

  it('is refused by its announced length before any of it is read', async () => {
    const { port } = await open()
    const one = client(port)
    one.socket.write(head({ 'content-length': String(3 * MIB + 1) }))
    await one.closed
    expect(one.answer()).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('is refused while it streams, where no length is announced', async () => {
    const { port, post } = await open({ limits: { bodyBytes: 64 * 1024 } })
    const one = client(port)
    one.socket.write(head({ 'transfer-encoding': 'chunked' }))
    const chunk = `${(16 * 1024).toString(16)}\r\n${'x'.repeat(16 * 1024)}\r\n`
    // One more than is taken, and never an end.
    for (let sent = 0; sent < 5; sent++) one.socket.write(chunk)
    await one.closed
    expect(one.answer()).toMatch(/^HTTP\/1\.1 413 /)
    expect(await post({ body: PUSH })).toMatchObject({ status: 202 })
  })

  it.each([
    ['without a signature', { 'x-hub-signature-256': '' }, 401],
    ['without an event', { 'x-github-event': '' }, 400],
  ])('is nothing of what comes %s: refused before the body', async (_name, headers, status) => {
    const { port, seen } = await open()
    const one = client(port)
    one.socket.write(head({ ...headers, 'content-length': String(MIB) }))
    await one.closed
    expect(one.answer()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(seen).toMatchObject([{ type: 'webhook:refused', status }])
  })

  it('is bounded over all who send at once, and given back when they go', async () => {
    const { port, post } = await open({ limits: { bodiesBytes: 256 * 1024 } })
    const [one, other] = [client(port), client(port)]
    for (const { socket } of [one, other]) {
      socket.write(head({ 'content-length': String(MIB) }) + 'x'.repeat(200 * 1024))
    }
    // Whichever came last.
    await expect.poll(() => [one, other].filter(({ answer }) => /^HTTP\/1\.1 503 /.test(answer())).length).toBe(1)
    for (const { socket } of [one, other]) socket.destroy()
    const body = `${JSON.stringify(PUSH)}${' '.repeat(200 * 1024)}`
    await expect.poll(async () => (await post({ body })).status).toBe(202)
  })
})

describe('SEC-14: how often', () => {
  it('one address may send so many a minute, and another is not its concern', async () => {
    const world = await webhookWorld({ limits: { requestsPerMinute: 5 } })
    const post = () => world.post({ body: PUSH, headers: { 'x-hub-signature-256': '' } })
    const statuses = []
    for (let n = 0; n < 7; n++) statuses.push((await post()).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect(await world.post({ body: PUSH })).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.anything() },
    })
  })
})

describe('SEC-14: how slowly (the server’s limits)', () => {
  const slowServer = async () => {
    const nudged: unknown[] = []
    const routes = webhookRoutes({
      secrets: [new Sensitive(SECRET)],
      repository: REPOSITORY,
      branch: 'main',
      deliveries: createMemoryStore().shelf('delivery'),
      clock: createFakeClock(),
      nudge: (what) => nudged.push(what),
    })
    const world = await apiWorld({ plugins: [routes], limits: { headersMs: 1_000, requestMs: 1_500 } })
    closing.push(() => world.close())
    const post = () => {
      const body = JSON.stringify(PUSH)
      return fetch(`${world.url}/webhooks/github`, { method: 'POST', body, headers: headersOf({ body }) })
    }
    return { port: Number(new URL(world.url).port), post, nudged }
  }

  it('headers take at most 10 s and the whole 30 s', () => {
    expect(DEFAULT_LIMITS).toMatchObject({ headersMs: 10_000, requestMs: 30_000 })
  })

  it('headers, bodies and chunks that never end are cut off; others are answered meanwhile and after', async () => {
    const { port, post, nudged } = await slowServer()
    const unending = [
      head({}).slice(0, -10),
      `${head({ 'content-length': '1000' })}{"a":`,
      `${head({ 'transfer-encoding': 'chunked' })}1\r\n{\r\n`,
    ]
    const slow = unending.flatMap((sent) => Array.from({ length: 10 }, () => ({ sent, ...client(port) })))
    for (const { socket, sent } of slow) socket.write(sent)
    expect(await post()).toMatchObject({ status: 202 })
    await Promise.all(slow.map(({ closed }) => closed))
    for (const { answer } of slow) expect(answer()).toMatch(/^HTTP\/1\.1 408 /)
    expect(await post()).toMatchObject({ status: 202 })
    await expect.poll(() => nudged.length).toBe(2)
  })
})

/** In a thread of its own: what it costs to send must not count as what it costs to be sent to. */
const HOSTILE = `
const { connect } = require('node:net')
const { workerData, parentPort } = require('node:worker_threads')
const { port, requests } = workerData
const send = ({ head, fill, chunked }) => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(head)
    const part = Buffer.alloc(64 * 1024, 0x5b)
    const parts = Math.ceil(fill / part.length)
    for (let n = 0; n < parts; n++) socket.write(chunked ? Buffer.concat([Buffer.from('10000\\r\\n'), part, Buffer.from('\\r\\n')]) : part)
  })
  let status = ''
  socket.on('data', (data) => { status = status || data.toString('latin1').slice(9, 12) })
  socket.on('error', () => {})
  socket.on('close', () => resolve(status))
  socket.setTimeout(5000, () => socket.destroy())
})
Promise.all(requests.map(send)).then((statuses) => parentPort.postMessage(statuses))
`

interface Hostile {
  readonly head: string
  readonly fill: number
  readonly chunked?: boolean
}

const hundred = (): readonly Hostile[] => {
  const wrong = `sha256=${'0'.repeat(64)}`
  const close = { connection: 'close' }
  const kinds: readonly Hostile[] = [
    { head: head({ ...close, 'x-hub-signature-256': wrong, 'content-length': String(3 * MIB) }), fill: 3 * MIB },
    { head: head({ ...close, 'x-hub-signature-256': '', 'content-length': String(3 * MIB) }), fill: 3 * MIB },
    { head: head({ ...close, 'content-length': String(900 * MIB) }), fill: MIB },
    { head: head({ ...close, 'transfer-encoding': 'chunked' }), fill: 5 * MIB, chunked: true },
    { head: `POST /webhooks/github HTTP/9.9\r\n${'x'.repeat(60_000)}`, fill: 0 },
  ]
  return Array.from({ length: 100 }, (_, index) => kinds[index % kinds.length] ?? { head: '', fill: 0 })
}

/** Milliseconds that this thread had a processor (proc(5), schedstat): what others of the machine take does not count. */
function busy(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  } catch {
    return performance.now() // no Linux
  }
}

/** Looks at every turn of the event loop; gives the longest, in milliseconds of work. */
function watchTurns(): () => number {
  let [longest, before, ended] = [0, busy(), false]
  const turn = (): void => {
    const now = busy()
    longest = Math.max(longest, now - before)
    before = now
    if (!ended) setImmediate(turn)
  }
  setImmediate(turn)
  return () => {
    ended = true
    return longest
  }
}

describe('SEC-14: what others notice', () => {
  it('the event loop is delayed by less than 50 ms while 100 hostile requests are sent', async () => {
    const { port, post, nudges } = await open({ limits: { requestsPerMinute: 1_000_000 } })
    const longest = async (): Promise<number> => {
      const worker = new Worker(HOSTILE, { eval: true, workerData: { port, requests: hundred() } })
      await once(worker, 'online')
      const stop = watchTurns()
      const [statuses] = await once(worker, 'message')
      const found = stop()
      await worker.terminate()
      // Empty where the connection was closed under what was still being sent.
      expect(['', '400', '401', '413', '503']).toEqual(expect.arrayContaining([...new Set(statuses)]))
      expect(statuses).toContain('401')
      return found
    }
    // What collects garbage may fall into a round: what is ours is in every one.
    let least = Number.POSITIVE_INFINITY
    for (let round = 0; round < 5 && least >= 50; round++) least = Math.min(least, await longest())
    expect(least).toBeLessThan(50)
    expect(await post({ body: PUSH })).toMatchObject({ status: 202 })
    expect(nudges).toHaveLength(1)
  })
})
