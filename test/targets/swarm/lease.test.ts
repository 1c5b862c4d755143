import { describe, expect, it } from 'vitest'
import { createSightings, type LeaseContext, STALE_MS, takeLease } from '../../../src/targets/swarm/lease.ts'
import type { RecordObject } from '../../../src/targets/swarm/record-object.ts'
import type { WireConfig } from '../../../src/targets/swarm/wire.ts'
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts'

const signal = new AbortController().signal
const TOKEN = 'swarmkeeper.lease.token'

/** One config object, as a Swarm keeps it. */
function createObject() {
  const state: { config: WireConfig | undefined; reachable: boolean } = { config: undefined, reachable: true }
  const write = (Labels: Record<string, string>) => {
    const Index = (state.config?.Version.Index ?? 0) + 1
    state.config = { ID: 'c1', Version: { Index }, Spec: { Name: 'swarmkeeper-main', Labels } }
  }
  const reach = () => {
    if (!state.reachable) throw new Error('no route to host')
  }
  const object: RecordObject = {
    read: async () => {
      reach()
      return state.config
    },
    change: async (next) => {
      reach()
      write(next(state.config?.Spec.Labels, state.config))
      return true
    },
  }
  return { object, state, write }
}

let tokens = 0
const contextOf = (object: RecordObject, clock: FakeClock): LeaseContext => ({
  object,
  clock,
  target: 'prod',
  newToken: () => `token-${++tokens}`,
  sightings: createSightings(clock),
  staleMs: STALE_MS,
})

describe('the lease on a Swarm', () => {
  const clock = createFakeClock({ auto: false })

  it("is one writer's: another is told who holds it and since when, as soon as the holder shows life", async () => {
    const { object } = createObject()
    const mine = await takeLease('db-1', contextOf(object, clock), { signal })
    const other = takeLease('db-2', contextOf(object, clock), { signal }).catch((error: unknown) => error)
    await clock.advance(20_000) // the holder renews after 15 s
    expect(await other).toMatchObject({
      reason: 'LeaseHeld',
      message: expect.stringMatching(/^db-1 writes to prod since 2026/),
    })
    await mine.release()
  })

  it('is free at once when it was given back', async () => {
    const { object, state } = createObject()
    await (await takeLease('db-1', contextOf(object, clock), { signal })).release()
    expect(state.config?.Spec.Labels).toEqual({})
    const lease = await takeLease('db-2', contextOf(object, clock), { signal })
    await lease.release()
  })

  it('is taken over when its version has not moved for a minute, and not before', async () => {
    const { object, write } = createObject()
    write({ 'swarmkeeper.lease.holder': 'dead', [TOKEN]: 'old' })
    let taken = false
    const lease = takeLease('db-2', contextOf(object, clock), { signal }).then((mine) => {
      taken = true
      return mine
    })
    await clock.advance(STALE_MS - 3_000)
    expect(taken).toBe(false)
    await clock.advance(6_000)
    await (await lease).release()
  })

  it('is taken at once from a killed process of the same database, which loses it', async () => {
    const { object } = createObject()
    const killed = await takeLease('db-1', contextOf(object, clock), { signal })
    const successor = await takeLease('db-1', contextOf(object, clock), { signal })
    await clock.advance(3_000)
    await expect(killed.check({ signal })).rejects.toMatchObject({ reason: 'LeaseLost' })
    await expect(successor.check({ signal })).resolves.toBeUndefined()
    await killed.release() // gives back nothing: it is not his
    await clock.advance(3_000)
    await expect(successor.check({ signal })).resolves.toBeUndefined()
    await successor.release()
  })

  it('fails closed: a check that gets no answer lets nothing be written', async () => {
    const { object, state } = createObject()
    const lease = await takeLease('db-1', contextOf(object, clock), { signal })
    state.reachable = false
    await expect(lease.check({ signal })).resolves.toBeUndefined() // confirmed less than two seconds ago
    await clock.advance(3_000)
    await expect(lease.check({ signal })).rejects.toThrow('no route to host')
    await lease.release()
  })

  it('is renewed while it is held', async () => {
    const { object, state } = createObject()
    const lease = await takeLease('db-1', contextOf(object, clock), { signal })
    const before = state.config?.Version.Index ?? 0
    await clock.advance(31_000)
    expect(state.config?.Version.Index).toBe(before + 2)
    await lease.release()
    const after = state.config?.Version.Index
    await clock.advance(60_000)
    expect(state.config?.Version.Index).toBe(after)
  })

  it('waiting for it ends with the signal', async () => {
    const { object, write } = createObject()
    write({ 'swarmkeeper.lease.holder': 'dead', [TOKEN]: 'old' })
    const controller = new AbortController()
    const waiting = takeLease('db-2', contextOf(object, clock), { signal: controller.signal })
    const ended = expect(waiting).rejects.toThrow('stopped')
    await clock.advance(4_000)
    controller.abort(new Error('stopped'))
    await ended
  })
})
