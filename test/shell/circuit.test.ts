import { describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import { createCircuit } from '../../src/shell/circuit.ts'
import { createFakeClock } from '../support/fake-clock.ts'

const noRoute = async () => {
  throw new ReconcileError('TargetUnreachable', { message: 'm1: no route', retryable: true })
}

function world() {
  const clock = createFakeClock()
  const circuit = createCircuit({ clock, random: () => 1 })
  let tries = 0
  const attempt = (what: () => Promise<string>) =>
    circuit.try(() => {
      tries += 1
      return what()
    })
  return { clock, attempt, tries: () => tries }
}

describe('the circuit of a host', () => {
  it('does not try again before its pause is over, and says why and when', async () => {
    const { attempt, tries } = world()
    await expect(attempt(noRoute)).rejects.toThrow('m1: no route')
    await expect(attempt(noRoute)).rejects.toMatchObject({
      reason: 'TargetUnreachable',
      retryable: true,
      message: 'm1: no route (failed 1 times in a row, tried again in 1 s)',
    })
    expect(tries()).toBe(1)
  })

  it('pauses twice as long after each try that fails, up to a minute', async () => {
    const { clock, attempt, tries } = world()
    for (const pause of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      await expect(attempt(noRoute)).rejects.toThrow('no route')
      const tried = tries()
      await clock.advance(pause - 1)
      await expect(attempt(noRoute)).rejects.toThrow('tried again in 1 s')
      expect(tries()).toBe(tried)
      await clock.advance(1)
    }
  })

  it('spreads the tries: a pause is between half of it and all of it', async () => {
    const clock = createFakeClock()
    const circuit = createCircuit({ clock, random: () => 0 })
    await expect(circuit.try(noRoute)).rejects.toThrow()
    await clock.advance(499)
    await expect(circuit.try(async () => 'up')).rejects.toThrow('no route')
    await clock.advance(1)
    await expect(circuit.try(async () => 'up')).resolves.toBe('up')
  })

  it('forgets what was as soon as a try works', async () => {
    const { clock, attempt } = world()
    for (const ms of [1_000, 2_000, 4_000]) {
      await expect(attempt(noRoute)).rejects.toThrow()
      await clock.advance(ms)
    }
    expect(await attempt(async () => 'up')).toBe('up')
    await expect(attempt(noRoute)).rejects.toThrow()
    await clock.advance(1_000)
    expect(await attempt(async () => 'up again')).toBe('up again')
  })
})
