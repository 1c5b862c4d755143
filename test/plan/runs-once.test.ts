import { describe, expect, it } from 'vitest'
import type { Kinds } from '../../src/model/kind.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { applyHold } from '../../src/plan/hold.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { goalOf, rollbackGoal } from '../../src/reconcile/goal.ts'
import { desiredOf, thing } from '../support/fleet.ts'
import { testKinds } from '../support/kinds.ts'
import { ABSENT, liveAs, planInput, recordedAs, wantedIn } from '../support/plan-input.ts'

const LABEL = 'job'
const isOnce = (spec: unknown): boolean => (spec as { readonly label?: string }).label === LABEL
const [thingKind] = [...testKinds.values()].filter(({ name }) => name === 'Thing')
if (!thingKind) throw new Error('no Thing')
/** As services are, of which those in a mode of jobs run to their end. */
const kinds: Kinds = new Map([...testKinds, ['Thing', { ...thingKind, once: isOnce, stampless: isOnce }]])

const job = (value: number): Wanted => wantedIn('web', { ...thing('migrate', { value, label: LABEL }) })

describe('a service in a mode of jobs is a job to the plan (rules 3, 8, 16)', () => {
  it('is not made again where somebody removed it after it had run', () => {
    const input = { wanted: [job(1)], record: [recordedAs(job(1))], live: { [job(1).id]: ABSENT } }
    const plan = makePlan(planInput(input, { kinds }))
    expect(plan.stages).toEqual([])
    expect(plan.settled).toHaveLength(1)
  })

  it('is ours by the record alone: no update, which would run it again, has to say so', () => {
    const live = { [job(1).id]: liveAs(job(1), { owner: { who: 'nobody' } }) }
    const plan = makePlan(planInput({ wanted: [job(1)], record: [recordedAs(job(1))], live }, { kinds }))
    expect(plan.stages).toEqual([])
    expect(plan.settled).toHaveLength(1)
  })

  it('does not go back to its last good form when that is held back', () => {
    const bad = job(2)
    const held = {
      revision: 'r2',
      reason: 'TaskFailed' as const,
      message: 'it failed',
      at: '2026-01-01T00:00:00.000Z',
      keepAt: 'last-good' as const,
      members: [{ id: bad.id, digest: bad.digest }],
    }
    const { wanted, frozen } = applyHold({
      wanted: [bad],
      held: [held],
      lastGood: [job(1)],
      kinds,
      elsewhere: new Set(),
    })
    expect(wanted).toEqual([])
    expect([...frozen.keys()]).toEqual([bad.id])
  })

  it.each([
    ['changed by it', [job(1), wantedIn('web', thing('hello'))]],
    ['new with it', [wantedIn('web', thing('hello'))]],
  ])('stays as it is when a failed revision is rolled back: %s', (_, lastGood) => {
    const desired = desiredOf({ web: [thing('hello', { value: 100 }), thing('migrate', { value: 2, label: LABEL })] })
    const input = {
      state: { app: 'web', failures: 0, restarts: {} },
      desired: desired.apps.get('web'),
      lastGood,
      goodSince: new Map(),
      elsewhere: new Set<never>(),
      record: new Map(),
      halts: [],
      kinds,
      now: new Date(0),
    }
    const back = rollbackGoal(goalOf(input), input, [job(2).id, wantedIn('web', thing('hello')).id])
    expect(back.wanted.map(({ id, spec }) => [id, (spec as { value: number }).value])).toEqual([
      ['prod/Thing/hello', 1],
    ])
    expect([...back.frozen.keys()]).toEqual([job(2).id])
  })
})
