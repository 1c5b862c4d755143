import { describe, expect, it } from 'vitest'
import { createFakeClock } from './fake-clock.ts'

describe('a fake clock turned by hand', () => {
  it('stands still until it is advanced', async () => {
    const clock = createFakeClock({ start: '2026-03-01T12:00:00Z' })
    let awake = false
    void clock.sleep(1000).then(() => {
      awake = true
    })
    await clock.advance(999)
    expect([awake, clock.sleeping]).toEqual([false, 1])
    await clock.advance(1)
    expect([awake, clock.sleeping]).toEqual([true, 0])
    expect(clock.now().toISOString()).toBe('2026-03-01T12:00:01.000Z')
    expect(clock.monotonic()).toBe(1000)
  })

  it('wakes a loop at each of its times on the way', async () => {
    const clock = createFakeClock()
    const seen: number[] = []
    void (async () => {
      for (;;) {
        await clock.sleep(300)
        seen.push(clock.monotonic())
      }
    })()
    await clock.advance(1000)
    expect(seen).toEqual([300, 600, 900])
    expect(clock.monotonic()).toBe(1000)
  })

  it('lets time of day jump without making anybody older', () => {
    const clock = createFakeClock({ start: '2026-03-01T12:00:00Z' })
    clock.jump(-3_600_000)
    expect(clock.now().toISOString()).toBe('2026-03-01T11:00:00.000Z')
    expect(clock.monotonic()).toBe(0)
  })

  it('rejects a sleep with the reason of its signal', async () => {
    const clock = createFakeClock()
    const stop = new AbortController()
    const slept = clock.sleep(1000, { signal: stop.signal })
    stop.abort(new Error('superseded'))
    await expect(slept).rejects.toThrow('superseded')
    await expect(clock.sleep(1, { signal: stop.signal })).rejects.toThrow('superseded')
    expect(clock.sleeping).toBe(0)
  })
})

describe('an automatic fake clock', () => {
  it('runs overlapping sleeps at the same time, in their order', async () => {
    const clock = createFakeClock({ auto: true })
    const seen: string[] = []
    const sleeper = async (name: string, ms: number) => {
      for (let round = 0; round < 2; round++) await clock.sleep(ms)
      seen.push(`${name} ${clock.monotonic()}`)
    }
    await Promise.all([sleeper('slow', 600_000), sleeper('quick', 1000)])
    expect(seen).toEqual(['quick 2000', 'slow 1200000'])
  })

  it('spends no time on a sleep that was aborted', async () => {
    const clock = createFakeClock({ auto: true })
    const stop = new AbortController()
    const deadline = clock.sleep(60_000, { signal: stop.signal })
    await clock.sleep(10)
    stop.abort(new Error('done'))
    await expect(deadline).rejects.toThrow('done')
    await clock.sleep(10)
    expect(clock.monotonic()).toBe(20)
  })
})
