import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Delivery, Sent, Sink } from '../../src/model/message.ts'

export type SinkFault =
  | 'down' // an answer of the other side's that it has a fault
  | 'limit' // too much: wait 7 seconds
  | 'hang' // no answer, ever
  | 'cut' // the connection ends before the request was carried out
  | 'lose' // the connection ends after it was carried out
  | 'invalid' // what is said is refused
  | 'login' // who says it is refused
  | 'redirect' // it is elsewhere
  | 'nonsense' // a page of a proxy, with a status of success
  | 'echo' // a fault whose words repeat the request's address and login

export interface SinkWorld {
  readonly sink: Sink
  /** What this sink is told, in a form that it understands; a number tells them apart. */
  body(n: number): unknown
  /** What stands there now: how many messages, and whether one of them is the one of this number. */
  readonly shown: () => number
  shows(n: number): boolean
  /** Requests so far, and those that a redirect led astray. */
  readonly asked: () => number
  readonly astray: () => number
  /** For every request from now on; undefined: none. */
  fault(kind: SinkFault | undefined): void
  /** Lets as much time pass as the sink waits for an answer. */
  passTime(): Promise<void>
  readonly secrets: readonly string[]
  /** What the other side should not have been sent. */
  readonly violations: () => readonly string[]
  dispose(): Promise<void>
}

/** What a sink is good at. */
export interface SinkTraits {
  /** The message before it, of the same subject, is changed where it is. */
  readonly edits: boolean
  /** What it makes of a success that is none of the other side's own: only who has no form of answer takes any. */
  readonly nonsense: 'sent' | 'later'
  /** `later`: a login that is refused may be taken again by itself, and asking now and then does no harm. Default `stopped`. */
  readonly login?: 'later'
}

const HEALED = undefined

/** What every sink must do. */
function sinkConformance(make: () => Promise<SinkWorld>, { edits, nonsense, login }: SinkTraits): void {
  let world: SinkWorld
  let said: string[]
  beforeEach(async () => {
    world = await make()
    said = []
  })
  afterEach(async () => {
    const violations = world.violations()
    await world.dispose()
    expect(violations).toEqual([])
    for (const secret of world.secrets) expect(said.join('\n')).not.toContain(secret)
  })

  const delivery = (n: number, over: Partial<Delivery> = {}): Delivery => ({
    ...{ sink: world.sink.name, subject: 'incident:x', body: world.body(n), final: false },
    ...{ id: `id-${n}`, attempts: 0, perhapsSent: false },
    ...over,
  })
  const send = async (
    n: number,
    over: Partial<Delivery> = {},
    signal = new AbortController().signal,
  ): Promise<Sent> => {
    const sent = await world.sink.send(delivery(n, over), { signal })
    said.push(JSON.stringify(sent))
    return sent
  }

  it('sends a message, once', async () => {
    expect(await send(1)).toMatchObject({ state: 'sent' })
    expect([world.shown(), world.shows(1), world.asked()]).toEqual([1, true, 1])
  })

  const itEdits = () =>
    it('edits the message before it, by what it left', async () => {
      const first = await send(1)
      const ref = first.state === 'sent' ? first.ref : undefined
      expect(ref).toBeDefined()
      expect(await send(2, ref === undefined ? {} : { before: ref })).toMatchObject({ state: 'sent' })
      expect([world.shown(), world.shows(1), world.shows(2)]).toEqual([1, false, true])
    })

  const itLeaves = () =>
    it('leaves the message before it as it is', async () => {
      await send(1)
      await send(2)
      expect([world.shown(), world.shows(1), world.shows(2)]).toEqual([2, true, true])
    })

  if (edits) itEdits()
  else itLeaves()

  it('says that it will be sent later where the other side has a fault, and recovers from it', async () => {
    world.fault('down')
    expect(await send(1)).toMatchObject({ state: 'later', message: expect.stringMatching(/./) })
    world.fault(HEALED)
    expect(await send(1)).toMatchObject({ state: 'sent' })
  })

  it('says how long it is asked to wait', async () => {
    world.fault('limit')
    expect(await send(1)).toMatchObject({ state: 'later', waitMs: 7000 })
  })

  it.each(['cut', 'lose'] as const)(
    'says that a message perhaps arrived where the connection ends (%s)',
    async (kind) => {
      world.fault(kind)
      expect(await send(1)).toMatchObject({ state: 'later', perhaps: true })
    },
  )

  it('waits for an answer for a bounded time', async () => {
    world.fault('hang')
    const sent = send(1)
    await expect.poll(world.asked).toBe(1)
    await world.passTime()
    expect(await sent).toMatchObject({ state: 'later', perhaps: true })
  })

  it('ends with its signal, before and while it sends', async () => {
    world.fault('hang')
    const ending = new AbortController()
    const sent = send(1, {}, ending.signal)
    await expect.poll(world.asked).toBe(1)
    ending.abort()
    expect(await sent).toMatchObject({ state: 'later', perhaps: true })
    expect(await send(1, {}, AbortSignal.abort())).toMatchObject({ state: 'later' })
    expect(world.asked()).toBe(1)
  })

  it('refuses for good what the other side does not take', async () => {
    world.fault('invalid')
    expect(await send(1)).toMatchObject({ state: 'refused', message: expect.stringMatching(/./) })
  })

  it('says that nothing more can be sent where its login is refused', async () => {
    world.fault('login')
    expect(await send(1)).toMatchObject({ state: login ?? 'stopped', message: expect.stringMatching(/./) })
  })

  it('follows no redirect', async () => {
    world.fault('redirect')
    expect(await send(1)).not.toMatchObject({ state: 'sent' })
    expect(world.astray()).toBe(0)
  })

  it('takes no page of a proxy for an answer', async () => {
    world.fault('nonsense')
    expect(await send(1)).toMatchObject({ state: nonsense })
  })

  it('never says its secrets, not even where the other side does', async () => {
    world.fault('echo')
    const sent = await send(1)
    expect(sent).toMatchObject({ message: expect.stringMatching(/./) })
    for (const secret of world.secrets) expect(JSON.stringify(sent)).not.toContain(secret)
  })

  it('one call does not disturb another', async () => {
    const sent = await Promise.all([send(1), send(2), send(3)])
    expect(sent.map(({ state }) => state)).toEqual(['sent', 'sent', 'sent'])
    expect([1, 2, 3].every((n) => world.shows(n))).toBe(true)
  })
}

/** Named, so that a suite says of what it is. */
export function describeSink(name: string, make: () => Promise<SinkWorld>, traits: SinkTraits): void {
  describe(name, () => sinkConformance(make, traits))
}
