import { describe, expect, it } from 'vitest'
import type { HeldGroup } from '../../src/model/app-state.ts'
import type { Digest } from '../../src/model/digest.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { applyHold } from '../../src/plan/hold.ts'
import { task, thing } from '../support/fleet.ts'
import { testKinds } from '../support/kinds.ts'
import { wantedIn } from '../support/plan-input.ts'

const of = (name: string, value: number): Wanted => wantedIn('web', thing(name, { value }))

function group(
  members: readonly (readonly [Wanted, Digest | null])[],
  keepAt: HeldGroup['keepAt'] = 'last-good',
): HeldGroup {
  return {
    revision: 'r2',
    reason: 'TaskFailed',
    message: 'it crashes',
    at: '2026-01-01T00:00:00.000Z',
    keepAt,
    members: members.map(([{ id }, digest]) => ({ id, digest })),
  }
}

const bad = (wanted: Wanted): readonly [Wanted, Digest] => [wanted, wanted.digest]

const hold = (input: Partial<Parameters<typeof applyHold>[0]>) =>
  applyHold({ wanted: [], held: [], lastGood: [], kinds: testKinds, elsewhere: new Set(), ...input })

const specs = (wanted: readonly Wanted[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(wanted.map((one) => [one.id, (one.spec as { value: number }).value]))

describe('what is held back', () => {
  it('stands at last good, and the rest moves on', () => {
    const held = hold({
      wanted: [of('a', 100), of('b', 2)],
      held: [group([bad(of('a', 100))])],
      lastGood: [of('a', 1), of('b', 1)],
    })
    expect(specs(held.wanted)).toEqual({ 'prod/Thing/a': 1, 'prod/Thing/b': 2 })
    expect(held).toMatchObject({ released: false, still: [{ revision: 'r2' }] })
  })

  it('stays away where it was new', () => {
    const held = hold({ wanted: [of('a', 100)], held: [group([bad(of('a', 100))])] })
    expect(held.wanted).toEqual([])
    expect([...held.frozen.keys()]).toEqual([of('a', 1).id])
  })

  it('stays as it is where a person is waited for', () => {
    const held = hold({
      wanted: [of('a', 100)],
      held: [group([bad(of('a', 100))], 'stay')],
      lastGood: [of('a', 1)],
    })
    expect(held.wanted).toEqual([])
    expect([...held.frozen.values()]).toMatchObject([{ why: 'held-back', message: 'it crashes' }])
  })

  it('is wanted at last good also where the revision removes it', () => {
    const held = hold({ held: [group([[of('a', 1), null]])], lastGood: [of('a', 1)] })
    expect(specs(held.wanted)).toEqual({ 'prod/Thing/a': 1 })
  })

  it('never makes a job run backwards', () => {
    const job = wantedIn('web', task('migrate', 'two'))
    const held = hold({
      wanted: [job],
      held: [group([bad(job)])],
      lastGood: [wantedIn('web', task('migrate', 'one'))],
    })
    expect(held.wanted).toEqual([])
    expect([...held.frozen.keys()]).toEqual([job.id])
  })
})

describe('a group is released', () => {
  const held = [group([bad(of('a', 100)), bad(of('b', 100))])]

  it.each([
    ['one member is edited', [of('a', 3), of('b', 100)]],
    ['one member is removed', [of('b', 100)]],
    ['all of them are', []],
  ])('when %s', (_when, wanted) => {
    const result = hold({ wanted, held })
    expect(result).toMatchObject({ released: true, still: [], wanted })
    expect(result.frozen.size).toBe(0)
  })

  it('when what it removes is declared again', () => {
    const result = hold({ wanted: [of('a', 1)], held: [group([[of('a', 1), null]])] })
    expect(result.released).toBe(true)
  })

  it('alone: another group stays', () => {
    const groups = [group([bad(of('a', 100))]), group([bad(of('b', 100))])]
    const result = hold({ wanted: [of('a', 100), of('b', 2)], held: groups, lastGood: [of('a', 1), of('b', 1)] })
    expect(specs(result.wanted)).toEqual({ 'prod/Thing/a': 1, 'prod/Thing/b': 2 })
    expect(result).toMatchObject({ released: true, still: [groups[0]] })
  })
})

it('what moved to another app is that app’s to judge', () => {
  const moved = of('a', 1)
  const result = hold({ held: [group([[moved, null]])], lastGood: [moved], elsewhere: new Set([moved.id]) })
  expect(result.wanted).toEqual([])
  expect(result.frozen.size).toBe(0)
})
