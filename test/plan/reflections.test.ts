import { describe, expect, it } from 'vitest'
import type { Kind, Kinds } from '../../src/model/kind.ts'
import type { Observed } from '../../src/model/live.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { Recorded, Wanted } from '../../src/model/resource.ts'
import { makePlan, type PlanInput } from '../../src/plan/make-plan.ts'
import { thing } from '../support/fleet.ts'
import { ABSENT, liveAs, planInput, recordedAs, UNKNOWN } from '../support/plan-input.ts'
import { heldWords, kinds, stageWords, want } from './plan-world.ts'

/** Shows what a `Thing` brings: of another target, with no mark of ours on it. */
const { names: _, ...plain } = kinds.get('Thing') as Kind
const mirror: Kind = { ...plain, name: 'Mirror', reflects: true, rank: 0 }
const inert: Kind = { ...plain, inert: true }
const all: Kinds = new Map([...kinds, ['Thing', inert], ['Mirror', mirror]])

const file = (value: number): Wanted => want(thing('file', { value, label: `l${value}` }))
const shown = (value: number): Wanted => {
  const written = { ...thing('file', { value: 1, label: `l${value}` }), kind: 'Mirror', after: ['Thing/file'] }
  return want(written)
}
const nobodys = (wanted: Wanted, spec?: unknown): Observed =>
  liveAs(wanted, { owner: { who: 'nobody' }, ...(spec === undefined ? {} : { spec }) })

const plan = (
  given: {
    readonly wanted?: readonly Wanted[]
    readonly record?: readonly Recorded[]
    readonly live?: Readonly<Record<string, Observed>>
  },
  over: Partial<PlanInput> = {},
): Plan => makePlan(planInput(given, { kinds: all, ...over }))

const [file1, file2, shown1, shown2] = [file(1), file(2), shown(1), shown(2)]

describe('what only shows what a file brings', () => {
  it('is ours with the file, though no mark and no record says so', () => {
    const { stages, held, settled } = plan({
      wanted: [file1, shown1],
      record: [recordedAs(file1)],
      live: { [file1.id]: liveAs(file1), [shown1.id]: nobodys(shown1) },
    })
    expect({ stages, held }).toEqual({ stages: [], held: [] })
    expect(settled.map(({ id }) => id)).toContain(shown1.id)
  })

  it('waits where the file is somebody else’s, also where it shows that', () => {
    const { stages, held } = plan({
      wanted: [file1, shown1],
      live: { [file1.id]: liveAs(file1, { owner: { who: 'nobody' } }), [shown1.id]: nobodys(shown1, shown2.spec) },
    })
    expect(stages).toEqual([])
    expect(held.map(heldWords)).toEqual(['conflict: Thing/file', 'dependency: Mirror/file'])
  })

  it('keeps the file of a revision waiting while it cannot be seen, and neither a heal nor the way back', () => {
    const record = [recordedAs(file1), recordedAs(shown1)]
    const live = { [file1.id]: liveAs(file1), [shown1.id]: UNKNOWN }
    const { stages, held } = plan({ wanted: [file2, shown2], record, live })
    expect(stages).toEqual([])
    expect(held.map(heldWords)).toEqual(['unknown: Mirror/file', 'dependency: Thing/file'])
    const edited = { ...live, [file1.id]: liveAs(file1, { spec: file2.spec }) }
    const goal = { wanted: [file1, shown1], record, live: edited }
    const healing = { ...file1.handling, drift: 'heal' as const }
    const healed = plan({ ...goal, wanted: [{ ...file1, handling: healing }, shown1] })
    expect(stageWords(healed)).toEqual([['update Thing/file']])
    expect(stageWords(plan(goal, { goal: 'last-good' }))).toEqual([['update Thing/file']])
  })

  it('does not keep the file waiting that a person tries again: it may be what mends it', () => {
    const live = { [file1.id]: liveAs(file1), [shown1.id]: UNKNOWN }
    const given = { wanted: [file2, shown2], record: [recordedAs(file1), recordedAs(shown1)], live }
    expect(plan(given).held[1]?.message).toContain('swarmkeeper retry')
    expect(stageWords(plan(given, { again: true }))).toEqual([['update Thing/file']])
  })

  it('is not taken for ours because it is as ours would be', () => {
    const { settled } = plan({
      wanted: [file1, shown1],
      live: { [file1.id]: liveAs(file1, { owner: { who: 'nobody' } }), [shown1.id]: nobodys(shown1) },
    })
    expect(settled).toEqual([])
  })

  it('follows the file, and goes after it', () => {
    const record = [recordedAs(file1), recordedAs(shown1)]
    const live = { [file1.id]: liveAs(file1), [shown1.id]: nobodys(shown1) }
    expect(stageWords(plan({ wanted: [file2, shown2], record, live }))).toEqual([
      ['update Thing/file'],
      ['update Mirror/file'],
    ])
    expect(stageWords(plan({ record, live }))).toEqual([['prune Thing/file'], ['prune Mirror/file']])
  })

  it('is looked at last on the way back: nothing is taken before what was refused is gone', () => {
    const bad = want(thing('bad'))
    const back = plan(
      {
        wanted: [file1, shown1],
        record: [recordedAs(file1), recordedAs(shown1), recordedAs(bad)],
        live: { [file1.id]: liveAs(file2), [shown1.id]: nobodys(shown2), [bad.id]: liveAs(bad) },
      },
      { goal: 'last-good', createdByAttempt: new Set([bad.id]) },
    )
    expect(stageWords(back)).toEqual([['update Thing/file'], ['prune Thing/bad'], ['update Mirror/file']])
  })

  it('goes on the way back where it never was loaded, or only half', () => {
    const record = [recordedAs(file1), recordedAs(shown1, { state: 'intended' })]
    const created = { goal: 'last-good' as const, createdByAttempt: new Set([file1.id, shown1.id]) }
    const half = { [file1.id]: liveAs(file1), [shown1.id]: nobodys(shown1) }
    expect(stageWords(plan({ record, live: half }, created))).toEqual([['prune Thing/file'], ['prune Mirror/file']])
    const never = plan({ record, live: { ...half, [shown1.id]: ABSENT } }, created)
    expect(stageWords(never)).toEqual([['prune Thing/file']])
    expect(never.forget).toEqual([shown1.id])
  })
})
