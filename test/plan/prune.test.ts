import { describe, expect, it } from 'vitest'
import type { ResourceId } from '../../src/model/id.ts'
import type { Observed, Owner } from '../../src/model/live.ts'
import type { Goal } from '../../src/model/plan.ts'
import type { Handling, Recorded } from '../../src/model/resource.ts'
import { decidePrune } from '../../src/plan/prune.ts'
import { recordedOf } from '../support/changes.ts'
import { gen, task, thing, type Written } from '../support/fleet.ts'
import { ABSENT, UNKNOWN } from '../support/plan-input.ts'
import { heldWords, kinds, seen, want, wordsOf } from './plan-world.ts'

interface Given {
  readonly record: readonly { readonly of: Written; readonly app?: string; readonly state?: Recorded['state'] }[]
  /** What is not as it was recorded: there, ours and healthy. */
  readonly live?: readonly (readonly [Written, Observed])[]
  readonly wanted?: readonly Written[]
  readonly desiredElsewhere?: readonly Written[]
  readonly lastGood?: readonly Written[]
  readonly goal?: Goal
  readonly created?: readonly Written[]
}

const idOf = (written: Written): ResourceId => want(written).id
const idsOf = (written: readonly Written[] = []): ReadonlySet<ResourceId> => new Set(written.map(idOf))
const short = (id: ResourceId): string => id.slice('prod/'.length)

function pruned(given: Given): { readonly changes?: string[]; readonly held?: string[]; readonly forget?: string[] } {
  const found = decidePrune({
    app: 'web',
    goal: given.goal ?? 'desired',
    kinds,
    record: given.record.map(({ of, app, state }) => recordedOf(want(of, app), state)),
    live: new Map([
      ...given.record.map(({ of, app }) => [idOf(of), seen(want(of, app))] as const),
      ...(given.live ?? []).map(([of, observed]) => [idOf(of), observed] as const),
    ]),
    wanted: idsOf(given.wanted),
    desired: idsOf([...(given.goal === 'last-good' ? [] : (given.wanted ?? [])), ...(given.desiredElsewhere ?? [])]),
    names: { lost: () => false },
    handling: new Map((given.wanted ?? []).map((written) => [idOf(written), want(written).handling])),
    lastGood: idsOf(given.lastGood),
    createdByAttempt: idsOf(given.created),
  })
  const [changes, held, forget] = [found.changes.map(wordsOf), found.held.map(heldWords), found.forget.map(short)]
  return {
    ...(changes.length > 0 ? { changes } : {}),
    ...(held.length > 0 ? { held } : {}),
    ...(forget.length > 0 ? { forget } : {}),
  }
}

const A = thing('a')
const net: Written = { kind: 'Net', name: 'a', spec: { value: 1 } }
const by = (of: Written, owner: Owner): readonly [Written, Observed] => [of, seen(want(of), { owner })]
const NOBODY: Owner = { who: 'nobody' }
const OTHER: Owner = { who: 'other', install: 'elsewhere' }
const kept = thing('a', {}, { keeper: { prune: 'keep' } })

type Row = readonly [behaviour: string, given: Given, then: ReturnType<typeof pruned>]
const table = (rows: readonly Row[]): void => {
  it.each(rows)('%s', (_, given, then) => {
    expect(pruned(given)).toEqual(then)
  })
}

describe('record minus desired (rule 8)', () => {
  table([
    ['what is recorded and not desired goes', { record: [{ of: A }] }, { changes: ['prune by revision: Thing/a'] }],
    ['what is desired stays', { record: [{ of: A }], wanted: [A] }, {}],
    ['what is only live, never recorded, is not asked about', { record: [], live: [[A, seen(want(A))]] }, {}],
    ['what another app has recorded belongs to that app', { record: [{ of: A, app: 'shop' }] }, {}],
    ['what another app desires is not pruned', { record: [{ of: A }], desiredElsewhere: [A] }, {}],
    [
      'what could not be removed last time is tried again',
      { record: [{ of: A, state: 'retiring' }] },
      { changes: ['prune by revision: Thing/a'] },
    ],
    ['what is not there is forgotten', { record: [{ of: A }], live: [[A, ABSENT]] }, { forget: ['Thing/a'] }],
    [
      'what cannot be seen is neither removed nor forgotten',
      { record: [{ of: A }], live: [[A, UNKNOWN]] },
      { held: ['unknown: Thing/a'] },
    ],
    [
      '`prune: keep` lets go of it, and leaves it',
      { record: [{ of: kept }] },
      { held: ['kept: Thing/a'], forget: ['Thing/a'] },
    ],
    [
      'what carries no mark of ours any more is left, and forgotten',
      { record: [{ of: A }], live: [by(A, NOBODY)] },
      { held: ['conflict: Thing/a'], forget: ['Thing/a'] },
    ],
    [
      'what is of another install now is left, and forgotten',
      { record: [{ of: A }], live: [by(A, OTHER)] },
      { held: ['conflict: Thing/a'], forget: ['Thing/a'] },
    ],
    [
      'what cannot be stamped goes by the record alone',
      { record: [{ of: net }], live: [by(net, NOBODY)] },
      { changes: ['prune by revision: Net/a'] },
    ],
    [
      'what cannot be stamped and was only intended is left',
      { record: [{ of: net, state: 'intended' }], live: [by(net, NOBODY)] },
      { held: ['conflict: Net/a'], forget: ['Net/a'] },
    ],
    [
      'a job that is declared no more goes',
      { record: [{ of: task('a', 'k') }] },
      { changes: ['prune by revision: Task/a'] },
    ],
  ])
})

describe('a rollback (rule 16)', () => {
  const back = { goal: 'last-good' } as const
  table([
    ['prunes nothing that was there before its attempt', { ...back, record: [{ of: A }] }, {}],
    [
      'prunes what the attempt made',
      { ...back, record: [{ of: A }], created: [A] },
      { changes: ['prune by rollback: Thing/a'] },
    ],
    [
      'prunes what the attempt meant to make, where it came to be',
      { ...back, record: [{ of: A, state: 'intended' }], created: [A] },
      { changes: ['prune by rollback: Thing/a'] },
    ],
    ['leaves what another app desires', { ...back, record: [{ of: A }], created: [A], desiredElsewhere: [A] }, {}],
    ['leaves what last good has', { ...back, record: [{ of: A }], created: [A], wanted: [A] }, {}],
  ])
})

describe('generations of a secret or config (rule 22)', () => {
  const keeper = (keep: number): Partial<Handling> => ({ keep })
  const generations = (keep: number) =>
    ['one', 'two', 'three', 'four', 'five'].map((content) => gen('pw', content, { keeper: keeper(keep) }))
  const [one, two, three, four, five] = generations(2) as [Written, Written, Written, Written, Written]
  const recorded = (written: readonly Written[]) => written.map((of) => ({ of }))
  const all = recorded([one, two, three, four, five])
  const goes = (...written: readonly Written[]) => ({
    changes: written.map((of) => `prune by revision: Gen/${of.name}`),
  })

  it('keeps the newest few beside the present one, in the order in which they became ours', () => {
    expect(pruned({ record: all, wanted: [five] })).toEqual(goes(one, two))
    expect(pruned({ record: recorded([five, four, three, two, one]), wanted: [one] })).toEqual(goes(five, four))
  })

  it('keeps as many as the newest of them says', () => {
    const none = generations(0)
    const present = none[4] as Written
    expect(pruned({ record: recorded(none), wanted: [present] })).toEqual(goes(...none.slice(0, 4)))
    const mixed = [...generations(2).slice(0, 3), ...generations(1).slice(3)]
    expect(pruned({ record: recorded(mixed), wanted: [mixed[4] as Written] })).toEqual(goes(...mixed.slice(0, 3)))
  })

  it('keeps as many as the document says now, from the revision on that says so', () => {
    const next = gen('pw', 'six', { keeper: keeper(0) })
    expect(pruned({ record: all, wanted: [next], lastGood: [five] })).toEqual(goes(one, two, three, four))
  })

  it('keeps what the last good state needs, however old', () => {
    expect(pruned({ record: all, wanted: [five], lastGood: [one] })).toEqual(goes(two))
  })

  it('counts each document for itself', () => {
    const other = [gen('token', 'one'), gen('token', 'two'), gen('token', 'three')]
    const record = [...all, ...recorded(other)]
    expect(pruned({ record, wanted: [five, other[2] as Written] })).toEqual(goes(one, two))
  })

  it('lets all go with their document, whatever is kept', () => {
    expect(pruned({ record: all, lastGood: [five] })).toEqual(goes(one, two, three, four, five))
  })

  it('forgets those that would be kept and are not there', () => {
    expect(pruned({ record: all, wanted: [five], live: [[four, ABSENT]] })).toEqual({
      ...goes(one, two),
      forget: [`Gen/${four.name}`],
    })
  })
})
