import { expect, it } from 'vitest'
import { createBackground } from '../../src/schedule/background.ts'
import { createServiceNotify } from '../../src/schedule/service-notify.ts'
import { collectLog } from '../support/collect-log.ts'
import { createFakeClock } from '../support/fake-clock.ts'

it('what fails is told of and begins again later, and stops no other', async () => {
  const clock = createFakeClock()
  const { log, lines } = collectLog()
  const background = createBackground({ clock, random: () => 0.5, log })
  let failures = 0
  let beats = 0
  background.start('fragile', async () => {
    failures += 1
    throw new Error('no')
  })
  background.every('steady', 1_000, async () => {
    beats += 1
  })
  await clock.advance(5_000)
  expect({ failures, beats }).toEqual({ failures: 2, beats: 6 })
  expect(lines[0]).toMatchObject({ level: 'error', part: 'fragile', message: 'fragile failed: no' })
  await background.stop()
})

it('a stop ends what runs, and waits for it', async () => {
  const clock = createFakeClock()
  const background = createBackground({ clock, random: () => 0.5, log: collectLog().log })
  let ended = false
  background.start('long', async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    ended = true
  })
  await clock.advance(0)
  await background.stop()
  expect(ended).toBe(true)
})

it('systemd is told when it is ready, and fed while it is alive', async () => {
  const clock = createFakeClock()
  const said: string[] = []
  const notify = createServiceNotify({ clock, watchdogMs: 30_000, send: async (lines) => void said.push(...lines) })
  await notify.ready()
  const stop = new AbortController()
  let isAlive = true
  const watched = notify.watch(() => isAlive, stop.signal)
  await clock.advance(31_000)
  isAlive = false
  await clock.advance(60_000)
  stop.abort()
  await watched
  await notify.stopping()
  expect(said).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1'])
})
