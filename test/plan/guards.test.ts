import { describe, expect, it } from 'vitest'
import { changesOf, type Plan } from '../../src/model/plan.ts'
import { type GuardInput, guardPrunes } from '../../src/plan/guards.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { gen, thing, type Written } from '../support/fleet.ts'
import { testKinds } from '../support/kinds.ts'
import { ABSENT, liveAs, planInput, recordedAs, wantedIn } from '../support/plan-input.ts'

/** A plan that removes these. */
function removing(app: string, ...written: readonly Written[]): Plan {
  const all = written.map((one) => wantedIn(app, one))
  const live = Object.fromEntries(all.map((one) => [one.id, liveAs(one)]))
  return makePlan(planInput({ app, record: all.map((one) => recordedAs(one)), live }))
}

const guarded = (plans: readonly Plan[], input: Partial<GuardInput> = {}) =>
  guardPrunes({ plans, kinds: testKinds, recorded: 100, stale: false, broken: [], confirmed: new Set(), ...input })

const names = (...all: readonly string[]): readonly Written[] => all.map((name) => thing(name))

describe('prunes go through', () => {
  it.each([
    ['two of three', names('a', 'b'), 3],
    ['three of ten', names('a', 'b', 'c'), 10],
    ['generations, however many', ['1', '2', '3', '4'].map((content) => gen('password', content)), 4],
  ])('%s', (_what, written, recorded) => {
    const [only] = guarded([removing('web', ...written)], { recorded })
    expect(only?.guards).toEqual([])
    expect(only && changesOf(only.plan)).toHaveLength(written.length)
  })

  it('when the plan of the pull request had shown them', () => {
    const shown = new Set(names('a', 'b').map((one) => wantedIn('web', one).id))
    expect(guarded([removing('web', ...names('a', 'b'))], { shown })[0]?.guards).toEqual([])
  })

  it('on the way back, always', () => {
    const plan = { ...removing('web', ...names('a', 'b', 'c')), goal: 'last-good' as const }
    expect(guarded([plan], { recorded: 3, stale: true })[0]?.guards).toEqual([])
  })
})

describe('prunes wait for a person', () => {
  it.each<readonly [string, Partial<GuardInput>, string]>([
    ['the source is stale', { stale: true }, 'could not be reached'],
    ['something could not be read', { broken: ['api', 'edge'] }, 'what api, edge declares'],
    ['more than the share, over all apps', { recorded: 9 }, '3 of 9'],
  ])('when %s', (_when, input, message) => {
    const plans = [removing('web', ...names('a', 'b')), removing('api', ...names('c'))]
    const both = guarded(plans, input)
    expect(both.map(({ guards }) => guards.length)).toEqual([1, 1])
    expect(both[0]?.guards[0]?.message).toContain(message)
    expect(both.flatMap(({ plan }) => changesOf(plan))).toEqual([])
    expect(both[0]?.plan.held.map(({ id, why }) => `${why} ${id}`)).toEqual([
      'guard prod/Thing/a',
      'guard prod/Thing/b',
    ])
  })

  it('when the plan of the pull request had not shown all of them, app by app; generations do not count', () => {
    const shown = new Set([wantedIn('web', thing('a')).id])
    const plans = [removing('web', ...names('a', 'b')), removing('api', gen('password', '1'))]
    const [web, api] = guarded(plans, { shown })
    expect(web?.guards[0]?.message).toContain('had not shown that prod/Thing/b would go')
    expect(web && changesOf(web.plan)).toEqual([])
    expect(api?.guards).toEqual([])
  })

  it('until it is confirmed by its name, which is another one for other prunes', () => {
    const nameOf = (plan: Plan): string => guarded([plan], { stale: true })[0]?.guards[0]?.name ?? ''
    const [two, one] = [removing('web', ...names('a', 'b')), removing('web', ...names('a'))]
    expect(nameOf(two)).toMatch(/^prune:web:[0-9a-f]{8}$/)
    expect(nameOf(two)).not.toBe(nameOf(one))
    const [confirmed] = guarded([two], { stale: true, confirmed: new Set([nameOf(two)]) })
    expect(confirmed?.guards).toEqual([])
    expect(confirmed && changesOf(confirmed.plan)).toHaveLength(2)
  })

  it('what is not a prune goes on beside them', () => {
    const [old, next] = [wantedIn('web', thing('old')), wantedIn('web', thing('next'))]
    const live = { [old.id]: liveAs(old), [next.id]: ABSENT }
    const plan = makePlan(planInput({ wanted: [next], record: [recordedAs(old)], live }))
    const [only] = guarded([plan], { stale: true })
    expect(only && changesOf(only.plan).map((change) => change.action)).toEqual(['create'])
  })

  it('a replace that frees a port is a prune; one that a rename declares is not', () => {
    const holder = wantedIn('web', thing('holder', { port: '80' }))
    const live = (id: string) => ({ [holder.id]: liveAs(holder), [id]: ABSENT })
    const taker = wantedIn('web', thing('taker', { port: '80' }))
    const renamed = wantedIn('web', thing('renamed', {}, { keeper: { movedFrom: 'holder' } }))
    const planOf = (to: typeof taker) =>
      makePlan(planInput({ wanted: [to], record: [recordedAs(holder)], live: live(to.id) }))
    const [held, through] = guarded([planOf(taker), planOf(renamed)], { stale: true })
    expect(held?.plan.held.map(({ id }) => id)).toEqual([taker.id, holder.id])
    expect(through?.guards).toEqual([])
  })
})
