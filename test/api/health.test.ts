import { afterEach, describe, expect, it } from 'vitest'
import { createReadiness } from '../../src/api/health.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { type ApiWorld, apiWorld, type WorldOptions } from './api-world.ts'

let world: ApiWorld
const open = async (options?: WorldOptions) => {
  world = await apiWorld(options)
  return world
}
afterEach(() => world.close())

describe('GET /healthz', () => {
  it('says that the process answers, and nothing else, to whoever asks', async () => {
    const { ask } = await open()
    const answer = await ask('/healthz', { as: 'nobody' })
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
  })

  it('is alive while it is not ready', async () => {
    const { ask, loop } = await open()
    loop.set({ stopping: true })
    expect((await ask('/healthz', { as: 'nobody' })).status).toBe(200)
  })
})

describe('GET /readyz', () => {
  const readyz = async () => {
    const answer = await world.ask('/readyz', { as: 'nobody' })
    return [answer.status, ((await answer.json()) as { checks: unknown }).checks]
  }

  it('is ready after the first tick, with a database that is written and a repository that answers', async () => {
    await open()
    expect(await readyz()).toEqual([200, { tick: 'ok', database: 'ok', source: 'ok' }])
  })

  it('is not ready before the first tick', async () => {
    const { loop } = await open()
    loop.set({ firstTickAt: undefined, sourceAt: undefined })
    expect(await readyz()).toEqual([
      503,
      { tick: 'the first tick is not done', database: 'ok', source: 'the repository has not answered yet' },
    ])
  })

  it('is not ready while looks fail, and keeps to itself why', async () => {
    const { loop } = await open()
    loop.set({ failure: 'clone of https://git.example failed' })
    expect(await readyz()).toEqual([
      503,
      { tick: 'the last look failed; the log says why', database: 'ok', source: 'ok' },
    ])
  })

  it('is not ready when the repository has not answered for ten poll intervals', async () => {
    const { clock } = await open()
    await clock.advance(600_000)
    expect((await readyz())[0]).toBe(200)
    await clock.advance(1_000)
    expect(await readyz()).toEqual([
      503,
      { tick: 'ok', database: 'ok', source: 'the repository has not answered for 601 s' },
    ])
  })

  it('is not ready when the database cannot be written', async () => {
    const store = createMemoryStore()
    const full = () => {
      throw new Error('SQLITE_FULL: database or disk is full')
    }
    await open({ store: { ...store, shelf: (name) => ({ ...store.shelf(name), put: full }) } })
    expect(await readyz()).toEqual([503, { tick: 'ok', database: 'the database cannot be written', source: 'ok' }])
  })

  it('tries the database no oftener than every five seconds, however often it is asked', async () => {
    const { clock, loop } = await open()
    const store = createMemoryStore()
    let writes = 0
    const counting: typeof store.shelf = (name) => {
      writes += 1
      return store.shelf(name)
    }
    const ready = createReadiness({ loop, clock, store: { shelf: counting }, pollIntervalMs: 1_000 })
    for (let times = 0; times < 100; times++) ready()
    expect(writes).toBe(1)
    await clock.advance(5_000)
    ready()
    expect(writes).toBe(2)
  })
})

describe('GET /metrics', () => {
  it('gives what telemetry has gathered', async () => {
    const { ask } = await open()
    expect(await (await ask('/metrics', { as: 'nobody' })).text()).toBe('swarmkeeper_up 1\n')
  })
})
