import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../src/model/events.ts'
import { id, outcome, plan } from '../report/samples.ts'
import { type ApiWorld, apiWorld, tokenFor, type WorldOptions } from './api-world.ts'

let world: ApiWorld
const open = async (options: WorldOptions = {}) => {
  world = await apiWorld(options)
  return world
}
afterEach(() => world.close())

interface Stream {
  readonly status: number
  /** All that came so far. */
  text(): string
  readonly ended: Promise<void>
  leave(): void
}

/** A client of the stream over a real socket. */
function stream(path = '/api/v1/events'): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${world.url}${path}`,
      { headers: { authorization: `Bearer ${tokenFor('read')}` } },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        const ended = new Promise<void>((done) => answer.once('close', done))
        answer.on('error', () => undefined)
        resolve({ status: answer.statusCode ?? 0, text: () => text, ended, leave: () => asked.destroy() })
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}

async function until(holds: () => boolean): Promise<void> {
  for (let times = 0; !holds(); times++) {
    if (times > 2_000) throw new Error('it did not come to that')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const change = (app: string): EngineEvent => ({
  type: 'change',
  app,
  id: id('Service', app),
  action: 'update',
  cause: 'revision',
  step: 'applied',
})

describe('the stream of events', () => {
  it('tells what happens, as it happens, in the form of server-sent events', async () => {
    const { loop } = await open()
    const events = await stream()
    loop.emit(change('web'))
    loop.emit({ type: 'app:planned', app: 'web', plan: plan() })
    loop.emit({ type: 'app:done', app: 'web', outcome: outcome({ app: 'web', outcome: 'applied', plan: plan() }) })
    await until(() => events.text().includes('app:done'))
    const told = events
      .text()
      .split('\n\n')
      .filter((one) => one.startsWith('event: '))
    expect(told[0]).toBe(`event: change\ndata: ${JSON.stringify(change('web'))}`)
    expect(told[1]).toBe('event: app:planned\ndata: {"type":"app:planned","app":"web","changes":0}')
    const done = JSON.parse(told[2]?.split('data: ')[1] ?? '')
    expect(done).toMatchObject({ type: 'app:done', outcome: { outcome: 'applied', held: [] } })
    expect(done.outcome).not.toHaveProperty('plan')
  })

  it('tells what concerns one app, where one is named, and what concerns all', async () => {
    const { loop } = await open()
    const events = await stream('/api/v1/events?app=web')
    loop.emit(change('other'))
    loop.emit({ type: 'target:unreachable', target: 'prod', message: 'no answer' })
    loop.emit(change('web'))
    await until(() => events.text().includes('prod/Service/web'))
    expect(events.text()).not.toContain('other')
    expect(events.text()).toContain('target:unreachable')
  })

  it('keeps a line of text in one line, whatever stands in it', async () => {
    const { loop } = await open()
    const events = await stream()
    loop.emit({ type: 'target:unreachable', target: 'prod', message: 'a\n\ndata: {"type":"change"}\r\n\u2028b' })
    await until(() => events.text().includes('\u2028b'))
    expect(events.text().match(/^data: /gm)).toHaveLength(1)
  })

  it('gives a sign of life every 15 s', async () => {
    const { clock } = await open()
    const events = await stream()
    await until(() => clock.sleeping === 1)
    await clock.advance(30_000)
    await until(() => (events.text().match(/: still here/g) ?? []).length === 2)
  })

  it('lets go of a client that has gone', async () => {
    const { loop, clock } = await open()
    const events = await stream()
    expect(loop.listeners).toBe(1)
    events.leave()
    await until(() => loop.listeners === 0)
    await until(() => clock.sleeping === 0)
  })

  it('lets go of a client that does not read, and of nobody else', async () => {
    const { loop, lines, url } = await open({ limits: { streamLagBytes: 64 * 1024 } })
    const reads = await stream()
    const { port } = new URL(url)
    const deaf = await deafClient(Number(port))
    await until(() => loop.listeners === 2)
    const big: EngineEvent = { type: 'target:unreachable', target: 'prod', message: 'x'.repeat(16 * 1024) }
    let sent = 0
    await until(() => {
      loop.emit(big)
      sent += 1
      return loop.listeners === 1
    })
    expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'a client of the event stream does not read: it is let go',
    ])
    await until(() => (reads.text().match(/^event: /gm) ?? []).length === sent)
    deaf.destroy()
  })

  it('has room for so many clients', async () => {
    await open({ limits: { streams: 2 } })
    const [first] = [await stream(), await stream()]
    expect((await stream()).status).toBe(503)
    first?.leave()
    await until(() => world.loop.listeners === 1)
    expect((await stream()).status).toBe(200)
  })

  it('ends when the server stops', async () => {
    const { server } = await open()
    const events = await stream()
    await server.close()
    await events.ended
    expect(world.loop.listeners).toBe(0)
  })

  it('is for those with a token', async () => {
    const { ask } = await open()
    expect((await ask('/api/v1/events', { as: 'nobody' })).status).toBe(401)
  })
})

/** Asks, and never reads what comes. */
function deafClient(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.pause()
      socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor('read')}\r\n\r\n`)
      resolve(socket)
    })
    socket.on('error', () => undefined)
  })
}
