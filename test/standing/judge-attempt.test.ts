import { describe, expect, it } from 'vitest'
import type { CheckState } from '../../src/model/standing.ts'
import { judgeAttempt, neverMade } from '../../src/standing/judge-attempt.ts'
import { knownStates } from '../../src/standing/states.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { standing } from './standing-world.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()

/** `+` passes, `-` fails; the state after each. */
function states(attempts: string, failAfter: { readonly failures: number; readonly of: number }): string {
  const check = standing('db', { failAfter })
  let known: CheckState = neverMade(check, at(0))
  return [...attempts]
    .map((one, second) => {
      const attempted = { ok: one === '+', message: one, latencyMs: 1, at: at(second + 1) }
      known = judgeAttempt(known, attempted, check)
      return known.state[0]
    })
    .join('')
}

describe('N of M', () => {
  it.each([
    // In a row.
    ['+++', 3, 3, 'ppp'],
    ['+--', 3, 3, 'ppp'],
    ['+---', 3, 3, 'pppf'],
    ['+---+', 3, 3, 'pppfp'],
    ['+--+--+--', 3, 3, 'ppppppppp'],
    ['-', 1, 1, 'f'],
    ['-+-', 1, 1, 'fpf'],
    // Unknown as long as it could be either.
    ['--', 3, 3, 'uu'],
    ['---', 3, 3, 'uuf'],
    ['--+', 3, 3, 'uup'],
    // 3 of the last 5.
    ['+-+-+', 3, 5, 'ppppp'],
    ['+-+--', 3, 5, 'ppppf'],
    ['--+-+++', 3, 5, 'uupffpp'],
    ['-----+++', 3, 5, 'uufffffp'],
  ])('%s, %i of %i: %s', (attempts, failures, of, expected) => {
    expect(states(attempts, { failures, of })).toBe(expected)
  })

  it('keeps since when, what was got last, and how long that took', () => {
    const check = standing('db')
    const once = judgeAttempt(neverMade(check, at(0)), { ok: true, message: 'open', latencyMs: 12, at: at(1) }, check)
    const twice = judgeAttempt(once, { ok: true, message: 'open', latencyMs: 15, at: at(61) }, check)
    expect(twice).toEqual({
      ...{ app: 'web', name: 'db', state: 'passing', last: [true, true], message: 'open' },
      ...{ at: at(61), since: at(1), latencyMs: 15 },
    })
  })

  it('says why it fails as long as it does, though one attempt in between passes', () => {
    const check = standing('db', { failAfter: { failures: 2, of: 4 } })
    const seen = [false, false, true].reduce(
      (known, ok) => judgeAttempt(known, { ok, message: ok ? 'open' : 'refused', latencyMs: 1, at: at(1) }, check),
      neverMade(check, at(0)),
    )
    expect(seen).toMatchObject({ state: 'failing', message: 'refused' })
  })
})

describe('what is known of a check', () => {
  const check = standing('db')
  const passing = judgeAttempt(neverMade(check, at(0)), { ok: true, message: 'open', latencyMs: 1, at: at(0) }, check)
  const shelf = createMemoryStore().shelf<CheckState>('standing')
  shelf.put('web/db', passing, at(0))

  it('is what the last attempts told', () => {
    expect(knownStates([check], { shelf, now: new Date(at(70)) })).toEqual([passing])
  })

  it('is nothing once nobody has made it for a while: the daemon may stand', () => {
    expect(knownStates([check], { shelf, now: new Date(at(600)) })).toEqual([
      { ...passing, state: 'unknown', message: 'not made since; open' },
    ])
  })

  it('is nothing before the first attempt', () => {
    expect(knownStates([standing('new')], { shelf, now: new Date(at(0)) })).toEqual([
      { app: 'web', name: 'new', state: 'unknown', last: [], message: 'not made yet', since: at(0) },
    ])
  })
})
