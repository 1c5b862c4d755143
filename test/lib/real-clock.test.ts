import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRealClock } from '../../src/lib/real-clock.ts'

describe('the real clock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('sleeps for the time given, no shorter', async () => {
    const woke = vi.fn()
    void createRealClock().sleep(1000).then(woke)
    await vi.advanceTimersByTimeAsync(999)
    expect(woke).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(woke).toHaveBeenCalledOnce()
  })

  it('sleeps longer than one timer can', async () => {
    const woke = vi.fn()
    const days = 30 * 86_400_000
    void createRealClock().sleep(days).then(woke)
    await vi.advanceTimersByTimeAsync(days - 1)
    expect(woke).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(woke).toHaveBeenCalledOnce()
  })

  it('rejects with the reason of its signal and leaves no timer behind', async () => {
    const stop = new AbortController()
    const slept = createRealClock().sleep(1000, { signal: stop.signal })
    stop.abort(new Error('stopping'))
    await expect(slept).rejects.toThrow('stopping')
    await expect(createRealClock().sleep(1, { signal: stop.signal })).rejects.toThrow('stopping')
    expect(vi.getTimerCount()).toBe(0)
  })
})
