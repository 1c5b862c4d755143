import { afterEach, describe, expect, it } from 'vitest'
import type { CheckResult, CheckSpec } from '../../src/model/check.ts'
import { bad, good, type StandingWorld, standing, standingWorld } from './standing-world.ts'

const worlds: StandingWorld[] = []
const started = (...options: Parameters<typeof standingWorld>): StandingWorld => {
  const world = standingWorld(...options)
  worlds.push(world)
  return world
}
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.stop()))
})

const MINUTE = 60_000

describe('a standing check', () => {
  it('is made at its interval, each time once, whatever it answers', async () => {
    const world = started()
    world.answer = async (name) => bad(name)
    world.declare([standing('db')])
    await world.clock.advance(4 * MINUTE)
    // Half of the spread first; the interval counts from the beginning of an attempt.
    expect(world.asked).toEqual(['Check/db at 2.5', 'Check/db at 62.5', 'Check/db at 122.5', 'Check/db at 182.5'])
  })

  it('does not insist: a gate would, within its minute', async () => {
    const specs: CheckSpec[] = []
    const world = started({
      runCheck: async (spec) => {
        specs.push(spec)
        return good(spec.name)
      },
    })
    world.declare([standing('db')])
    await world.clock.advance(10_000)
    expect(specs).toEqual([{ ...standing('db').spec, withinMs: 0 }])
  })

  it('gives or takes a tenth of its interval, so that many are not made at one time', async () => {
    let next = 0
    const world = started({ random: () => [0, 0, 1][next++ % 3] ?? 0 })
    world.declare([standing('db')])
    await world.clock.advance(3 * MINUTE)
    expect(world.asked).toEqual(['Check/db at 0', 'Check/db at 54', 'Check/db at 120', 'Check/db at 174'])
  })

  it('is unknown until it was made, and fails once enough attempts in a row did', async () => {
    const world = started()
    world.declare([standing('db')])
    expect(world.state('db')).toMatchObject({ state: 'unknown', message: 'not made yet', last: [] })
    world.answer = async (name) => bad(name)
    await world.clock.advance(2 * MINUTE)
    expect(world.state('db')).toMatchObject({ state: 'unknown', last: [false, false] })
    await world.clock.advance(MINUTE)
    expect(world.state('db')).toMatchObject({ state: 'failing', last: [false, false, false], message: 'it is down' })
  })

  it('fails where asking it throws, in the words of the error', async () => {
    const world = started()
    world.answer = async () => Promise.reject(new Error('no target runs it'))
    world.declare([standing('db', { failAfter: { failures: 1, of: 1 } })])
    await world.clock.advance(10_000)
    expect(world.state('db')).toMatchObject({ state: 'failing', message: 'no target runs it' })
  })

  it('keeps how long the answer took', async () => {
    const world = started()
    world.answer = async (name, signal) => {
      await world.clock.sleep(350, { signal })
      return good(name)
    }
    world.declare([standing('db')])
    await world.clock.advance(10_000)
    expect(world.state('db')).toMatchObject({ state: 'passing', latencyMs: 350 })
  })

  it('is not asked again while the answer is still due, however short its interval', async () => {
    const world = started()
    world.answer = async (name, signal) => {
      await world.clock.sleep(30_000, { signal })
      return good(name)
    }
    world.declare([standing('db', { intervalMs: 10_000 })])
    await world.clock.advance(70_000)
    expect(world.asked).toEqual(['Check/db at 2.5', 'Check/db at 32.5', 'Check/db at 62.5'])
  })

  it('goes on although what became of it could not be kept', async () => {
    const world = started({
      attempted: () => {
        throw new Error('disk full')
      },
    })
    world.declare([standing('db')])
    await world.clock.advance(2 * MINUTE)
    expect(world.failures).toHaveLength(2)
    expect(world.asked).toHaveLength(2)
  })
})

describe('many standing checks', () => {
  it('are not made all at once: the rest waits its turn', async () => {
    let most = 0
    let now = 0
    const world = started({ atOnce: 3 })
    world.answer = async (name, signal): Promise<CheckResult> => {
      now += 1
      most = Math.max(most, now)
      await world.clock.sleep(1_000, { signal })
      now -= 1
      return good(name)
    }
    world.declare(Array.from({ length: 10 }, (_, index) => standing(`c${index}`)))
    await world.clock.advance(MINUTE)
    expect(most).toBe(3)
    expect(new Set(world.asked.map((one) => one.split(' ')[0])).size).toBe(10)
  })

  it('do not hold each other up: one that hangs, and heeds no signal, takes one turn', async () => {
    const world = started({ atOnce: 2 })
    world.answer = (name) => (name === 'Check/hangs' ? new Promise(() => {}) : Promise.resolve(good(name)))
    world.declare([standing('hangs'), standing('a'), standing('b')])
    await world.clock.advance(10_000)
    expect([world.state('a')?.state, world.state('b')?.state]).toEqual(['passing', 'passing'])
    // Its own timeout, and the time that a job may take to be gone.
    await world.clock.advance(2 * MINUTE)
    expect(world.state('hangs')).toMatchObject({ last: [false], message: 'no answer within 65 s' })
  })
})

describe('a look', () => {
  it('that declares the same disturbs nothing', async () => {
    const world = started()
    world.declare([standing('db')])
    for (let second = 0; second < 120; second += 1) {
      await world.clock.advance(1_000)
      world.declare([standing('db')])
    }
    expect(world.asked).toEqual(['Check/db at 2.5', 'Check/db at 62.5'])
  })

  it('without a check drops it, and what is being asked of it', async () => {
    const world = started()
    let cut = false
    world.answer = (_name, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          cut = true
          reject(signal.reason)
        })
      })
    world.declare([standing('db')])
    await world.clock.advance(10_000)
    world.declare([])
    await world.clock.advance(MINUTE)
    expect([cut, world.shelf.count(), world.asked.length, world.failures]).toEqual([true, 0, 1, []])
  })

  it('in which the app cannot be read leaves its checks as they were declared', async () => {
    const world = started()
    world.declare([standing('db')])
    await world.clock.advance(MINUTE)
    world.declare([], { unread: new Set(['web']) })
    await world.clock.advance(MINUTE)
    expect(world.asked).toEqual(['Check/db at 2.5', 'Check/db at 62.5'])
    expect(world.state('db')?.state).toBe('passing')
    expect(world.checks()).toEqual([standing('db')])
  })

  it('in which the app cannot be read, after a restart, forgets nothing', async () => {
    const world = started()
    world.answer = async (name) => bad(name)
    world.declare([standing('db'), standing('ping', { app: 'shop' })])
    await world.clock.advance(3 * MINUTE)
    await world.restart()
    world.declare([], { unread: new Set(['web']) })
    expect([world.state('db')?.state, world.state('ping', 'shop')]).toEqual(['failing', undefined])
  })

  it('in which the app is suspended makes its checks unknown: nobody asks meanwhile', async () => {
    const world = started()
    world.declare([standing('db'), standing('ping', { app: 'shop' })])
    await world.clock.advance(10_000)
    world.declare([standing('db'), standing('ping', { app: 'shop' })], { resting: new Set(['web']) })
    await world.clock.advance(MINUTE)
    expect(world.state('db')).toMatchObject({ state: 'unknown', message: 'not made: its app is suspended', last: [] })
    expect(world.state('ping', 'shop')?.state).toBe('passing')
    expect(world.asked.filter((one) => one.startsWith('Check/db'))).toHaveLength(1)
    world.declare([standing('db'), standing('ping', { app: 'shop' })])
    await world.clock.advance(10_000)
    expect(world.state('db')?.state).toBe('passing')
  })

  it('that declares it otherwise has it made so', async () => {
    const world = started()
    world.declare([standing('db', { intervalMs: 3_600_000 })])
    await world.clock.advance(10_000)
    world.declare([standing('db', { intervalMs: 10_000 })])
    await world.clock.advance(20_000)
    expect(world.asked.length).toBeGreaterThanOrEqual(2)
  })
})

describe('a restart', () => {
  it('neither forgets that a check fails nor since when', async () => {
    const world = started()
    world.answer = async (name) => bad(name)
    world.declare([standing('db')])
    await world.clock.advance(3 * MINUTE)
    const before = world.state('db')
    await world.restart()
    world.declare([standing('db')])
    expect(world.state('db')).toEqual(before)
    await world.clock.advance(MINUTE)
    expect(world.state('db')).toMatchObject({ state: 'failing', since: before?.since })
  })

  it('does not ask again what was just asked: a check of each hour stays one', async () => {
    const world = started()
    world.declare([standing('db', { intervalMs: 3_600_000 })])
    await world.clock.advance(MINUTE)
    await world.restart()
    world.declare([standing('db', { intervalMs: 3_600_000 })])
    await world.clock.advance(30 * MINUTE)
    expect(world.asked).toHaveLength(1)
    await world.clock.advance(31 * MINUTE)
    expect(world.asked).toHaveLength(2)
  })
})
