import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import type { SshConnection } from '../../src/shell/ssh-connection.ts'
import { createLink } from '../../src/shell/ssh-link.ts'
import { createFakeClock } from '../support/fake-clock.ts'

const { signal } = new AbortController()

interface FakeConnection extends SshConnection {
  closed: boolean
}

function fakeConnection(): FakeConnection {
  const made: FakeConnection = {
    closed: false,
    openUnixSocket: async () => new PassThrough(),
    openTcp: async () => new PassThrough(),
    exec: async () => new PassThrough(),
    start: () => Promise.reject(new Error('not here')),
    end: () => {
      made.closed = true
    },
    drop: () => {
      made.closed = true
    },
  }
  return made
}

function world(connect: (count: number) => Promise<FakeConnection> = async () => fakeConnection()) {
  const clock = createFakeClock()
  let logins = 0
  const link = createLink({
    where: 'deploy@m1:22',
    connect: () => {
      logins += 1
      return connect(logins)
    },
    clock,
    random: () => 1,
  })
  return { clock, link, logins: () => logins }
}

const socket = (connection: SshConnection) => connection.openUnixSocket('/run/x')

describe('the link to a host', () => {
  it('logs in once for all who ask at the same time, and for those who come later', async () => {
    const { link, logins } = world()
    const [first, second] = await Promise.all([link.connection({ signal }), link.connection({ signal })])
    expect(second).toBe(first)
    expect(await link.connection({ signal })).toBe(first)
    expect(logins()).toBe(1)
  })

  it('logs in again where the connection was lost', async () => {
    const { link, logins } = world()
    const first = await link.connection({ signal })
    first.end()
    expect(await link.connection({ signal })).not.toBe(first)
    expect(logins()).toBe(2)
  })

  it('begins anew on another connection where this one was dead and nothing was begun, but once only', async () => {
    const { link, logins } = world()
    const dying = async (connection: SshConnection) => {
      connection.end()
      throw new Error('No response from server')
    }
    await expect(link.open('socket', dying, { signal })).rejects.toMatchObject({ reason: 'TargetRefused' })
    expect(logins()).toBe(2)
    await expect(link.open('socket', socket, { signal })).resolves.toBeInstanceOf(PassThrough)
  })

  it('does not try again what the host refuses', async () => {
    const { link, logins } = world()
    let asked = 0
    const refuse = async () => {
      asked += 1
      throw new Error('administratively prohibited')
    }
    await expect(link.open('/run/x', refuse, { signal })).rejects.toMatchObject({
      reason: 'TargetRefused',
      message: 'deploy@m1:22: /run/x: administratively prohibited',
    })
    expect([asked, logins()]).toEqual([1, 1])
  })

  it('asks a dead host once, and again after a pause, however many callers come', async () => {
    const dead = async (count: number) => {
      if (count > 2) return fakeConnection()
      throw new ReconcileError('TargetUnreachable', { message: 'no route', retryable: true })
    }
    const { clock, link, logins } = world(dead)
    const ask = () => link.connection({ signal })
    await Promise.allSettled([ask(), ask(), ask()])
    await expect(ask()).rejects.toMatchObject({ reason: 'TargetUnreachable' })
    expect(logins()).toBe(1)
    await clock.advance(1_000)
    await expect(ask()).rejects.toThrow('no route')
    await expect(ask()).rejects.toThrow('tried again in 2 s')
    expect(logins()).toBe(2)
    await clock.advance(2_000)
    await expect(ask()).resolves.toMatchObject({ closed: false })
  })

  it('keeps nobody waiting for a host that did not answer the last time, and finds it when it answers', async () => {
    let answer: (connection: FakeConnection) => void = () => {}
    const { clock, link, logins } = world((count) =>
      count === 1 ? Promise.reject(new Error('no route')) : new Promise((resolve) => (answer = resolve)),
    )
    const ask = () => link.connection({ signal })
    await expect(ask()).rejects.toThrow('no route')
    await clock.advance(1_000)
    for (const at of [1, 2]) {
      const asked = expect(ask(), `${at}`).rejects.toThrow('no route (failed 1 times in a row, tried again now)')
      await clock.advance(1_500)
      await asked
    }
    expect(logins()).toBe(2)
    answer(fakeConnection())
    await expect(ask()).resolves.toMatchObject({ closed: false })
    expect(logins()).toBe(2)
  })

  it('gives a connection up that says nothing, and rests before it tries the host again', async () => {
    const { clock, link, logins } = world()
    const first = await link.connection({ signal })
    const channel = new PassThrough()
    let open: (channel: PassThrough) => void = () => {}
    const asked = expect(
      link.open('socket', () => new Promise<PassThrough>((resolve) => (open = resolve)), { signal, withinMs: 500 }),
    ).rejects.toMatchObject({ reason: 'TargetUnreachable', message: expect.stringContaining('within 0.5 s') })
    await clock.advance(500)
    await asked
    expect(first.closed).toBe(true)
    await expect(link.open('socket', socket, { signal })).rejects.toThrow('in a row')
    expect(logins()).toBe(1)
    open(channel)
    await new Promise(setImmediate)
    expect(channel.destroyed).toBe(true)
    await clock.advance(1_000)
    await expect(link.open('socket', socket, { signal })).resolves.toBeInstanceOf(PassThrough)
  })

  it('waits for nothing once a channel is open', async () => {
    const { clock, link } = world()
    await link.open('socket', socket, { signal, withinMs: 500 })
    expect(clock.sleeping).toBe(0)
  })

  it('lets a caller give up, and the others have what he began', async () => {
    let arrive: (connection: FakeConnection) => void = () => {}
    const { link, logins } = world(() => new Promise((resolve) => (arrive = resolve)))
    const impatient = new AbortController()
    const [gone, patient] = [link.connection({ signal: impatient.signal }), link.connection({ signal })]
    impatient.abort(new Error('enough'))
    await expect(gone).rejects.toThrow('enough')
    arrive(fakeConnection())
    await expect(patient).resolves.toMatchObject({ closed: false })
    expect(logins()).toBe(1)
  })

  it('ends a channel that opens after its caller gave up', async () => {
    const { link } = world()
    const channel = new PassThrough()
    let open: (channel: PassThrough) => void = () => {}
    const impatient = new AbortController()
    const opening = link.open('socket', () => new Promise<PassThrough>((resolve) => (open = resolve)), {
      signal: impatient.signal,
    })
    await link.connection({ signal })
    await new Promise(setImmediate)
    impatient.abort(new Error('enough'))
    await expect(opening).rejects.toThrow('enough')
    open(channel)
    await new Promise(setImmediate)
    expect(channel.destroyed).toBe(true)
  })

  it('ends a login that arrives after it was ended itself', async () => {
    let arrive: (connection: FakeConnection) => void = () => {}
    const { link } = world(() => new Promise((resolve) => (arrive = resolve)))
    const late = link.connection({ signal })
    await Promise.resolve()
    link.end()
    arrive(fakeConnection())
    expect((await late).closed).toBe(true)
    await expect(link.connection({ signal })).rejects.toMatchObject({ reason: 'Aborted' })
  })
})
