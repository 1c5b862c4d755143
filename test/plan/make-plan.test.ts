import { describe, expect, it } from 'vitest'
import type { ResourceId } from '../../src/model/id.ts'
import type { Observed } from '../../src/model/live.ts'
import type { HeldChange, Plan } from '../../src/model/plan.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { makePlan, type PlanInput } from '../../src/plan/make-plan.ts'
import { net, task, thing, type Written } from '../support/fleet.ts'
import { ABSENT, liveAs, planInput, recordedAs, UNKNOWN, wantedIn } from '../support/plan-input.ts'
import { heldWords, stageWords, wordsOf } from './plan-world.ts'

const want = (written: Written): Wanted => wantedIn('web', written)

interface Given {
  readonly wanted?: readonly Written[]
  /** What is there and ours, and recorded so. */
  readonly before?: readonly Written[]
  /** What is otherwise. */
  readonly live?: readonly (readonly [Written, Observed])[]
  readonly more?: Partial<PlanInput>
}

function planFor({ wanted = [], before = [], live = [], more = {} }: Given): Plan {
  const all = [...wanted, ...before].map(want)
  const of = Object.fromEntries([
    ...all.map(({ id }) => [id, ABSENT] as const),
    ...before.map(want).map((one) => [one.id, liveAs(one)] as const),
    ...live.map(([written, observed]) => [want(written).id, observed] as const),
  ])
  const record = before.map((one) => recordedAs(want(one)))
  return makePlan(planInput({ wanted: wanted.map(want), record, live: of }, more))
}

const changes = (plan: Plan): readonly string[] => plan.stages.flatMap((stage) => stage.changes.map(wordsOf))
const held = (plan: Plan): readonly string[] => plan.held.map(heldWords)
const frozen = (...written: readonly Written[]): ReadonlyMap<ResourceId, HeldChange> =>
  new Map(written.map(want).map(({ id }) => [id, { id, why: 'held-back', message: 'it crashes' }]))
const behind = (...ids: readonly string[]) => ({ after: ids })

describe('a port that a prune frees (rule 13)', () => {
  const on = (name: string, port: string, more: Partial<Written> = {}): Written => ({
    ...thing(name, { port }),
    ...more,
  })
  const old = on('old', '80')

  it('goes over in one replace with what needs it, where that is new', () => {
    const plan = planFor({ wanted: [on('new', '80')], before: [old] })
    expect(changes(plan)).toEqual(['replace by revision: Thing/new for Thing/old'])
  })

  it('goes over in one replace where what needs it was there on another port', () => {
    const plan = planFor({ wanted: [on('web', '80')], before: [on('web', '81'), old] })
    expect(changes(plan)).toEqual(['replace by revision: Thing/web /port for Thing/old'])
    expect(plan.stages[0]?.changes[0]).toMatchObject({ from: { spec: { port: '81' } } })
  })

  it('joins what a replace frees already: the old name', () => {
    const renamed = on('new', '80', { keeper: { movedFrom: 'before' } })
    const plan = planFor({ wanted: [renamed], before: [on('before', '81'), old] })
    expect(changes(plan)).toEqual(['replace by revision: Thing/new for Thing/before, Thing/old'])
  })

  it('goes to one of two that ask for it', () => {
    const plan = planFor({ wanted: [on('b', '80'), on('a', '80')], before: [old] })
    expect(changes(plan)).toEqual(['replace by revision: Thing/a for Thing/old', 'create by revision: Thing/b'])
  })

  it('is the one that the record tells: what is removed was made from that', () => {
    const plan = planFor({ wanted: [on('new', '80')], before: [old], live: [[old, liveAs(want(on('old', '90')))]] })
    expect(changes(plan)).toEqual(['replace by revision: Thing/new for Thing/old'])
  })

  it.each<readonly [string, Given]>([
    ['it asks for another port', { wanted: [on('new', '81')], before: [old] }],
    ['the one that holds it stays', { wanted: [on('new', '80'), old], before: [old] }],
    ['the one that holds it is kept', { wanted: [on('new', '80')], before: [{ ...old, keeper: { prune: 'keep' } }] }],
    ['the one that holds it cannot be seen', { wanted: [on('new', '80')], before: [old], live: [[old, UNKNOWN]] }],
  ])('is not taken where %s', (_, given) => {
    expect(changes(planFor(given))[0]).toBe('create by revision: Thing/new')
  })
})

describe('what must come after something that is not there and will not be made', () => {
  const [base, next] = [thing('base'), thing('next', {}, behind('Thing/base'))]

  it('waits, and says for what', () => {
    const plan = planFor({ wanted: [base, next], live: [[base, UNKNOWN]] })
    expect(changes(plan)).toEqual([])
    expect(plan.held).toMatchObject([
      { why: 'unknown' },
      { id: want(next).id, why: 'dependency', message: 'it waits for prod/Thing/base', diffs: [] },
    ])
  })

  it('waits with its update as well; what comes after it goes on, since that is there', () => {
    const last = thing('last', {}, behind('Thing/next'))
    const edited = thing('next', { value: 2 }, behind('Thing/base'))
    const plan = planFor({ wanted: [base, edited, last], before: [next], live: [[base, UNKNOWN]] })
    expect(held(plan)).toEqual(['unknown: Thing/base', 'dependency: Thing/next'])
    expect(changes(plan)).toEqual(['create by revision: Thing/last'])
  })

  it('waits also where the order of the names is the other way round', () => {
    const [z, m, a] = [thing('z'), thing('m', {}, behind('Thing/z')), thing('a', {}, behind('Thing/m'))]
    const plan = planFor({ wanted: [a, m, z], live: [[z, UNKNOWN]] })
    expect([...held(plan)].sort()).toEqual(['dependency: Thing/a', 'dependency: Thing/m', 'unknown: Thing/z'])
  })

  it('does not keep others from going on', () => {
    const plan = planFor({ wanted: [base, next, thing('other')], live: [[base, UNKNOWN]] })
    expect(changes(plan)).toEqual(['create by revision: Thing/other'])
  })

  it('waits for what is held back and never came to be', () => {
    const plan = planFor({ wanted: [next], live: [[base, ABSENT]], more: { frozen: frozen(base) } })
    expect(held(plan)).toEqual(['held-back: Thing/base', 'dependency: Thing/next'])
  })

  it('goes on behind what is held back and is there', () => {
    const plan = planFor({ wanted: [next], before: [base], more: { frozen: frozen(base) } })
    expect(changes(plan)).toEqual(['create by revision: Thing/next'])
  })

  describe('a job that is held back', () => {
    const job = task('migrate', 'k2')
    const web = thing('web', {}, behind('Task/migrate'))
    const failed: Observed = liveAs(want(job), { health: { status: 'degraded', message: 'exit code 1' } })
    const finished: Observed = liveAs(want(job), { health: { status: 'healthy', finished: true } })
    const planAfter = (live: Observed, more: Partial<PlanInput> = {}) =>
      changes(planFor({ wanted: [web], before: [job], live: [[job, live]], more: { frozen: frozen(job), ...more } }))

    it('is waited for where it failed', () => expect(planAfter(failed)).toEqual([]))
    it('is waited for where it is gone', () => expect(planAfter(ABSENT)).toEqual([]))
    it('lets others go on where it ended well', () =>
      expect(planAfter(finished)).toEqual(['create by revision: Thing/web']))
    it('is not waited for on the way back, where no job runs', () => {
      expect(planAfter(failed, { goal: 'last-good' })).toEqual(['create by rollback: Thing/web'])
    })
  })
})

describe('a plan', () => {
  it('is empty where all is as declared', () => {
    const all = [thing('a'), net('b'), task('c', 'k')]
    const plan = planFor({ wanted: all, before: all })
    expect(plan).toMatchObject({ stages: [], held: [], forget: [] })
    expect(plan.settled.map(({ action, id }) => `${action} ${id}`)).toEqual([
      'unchanged prod/Net/b',
      'unchanged prod/Task/c',
      'unchanged prod/Thing/a',
    ])
  })

  it('makes, changes and removes, in this order', () => {
    const plan = planFor({
      wanted: [net('n'), thing('a', { value: 2 }, behind('Net/n')), thing('b', {}, behind('Thing/a'))],
      before: [thing('a'), thing('old'), net('older')],
    })
    expect(stageWords(plan)).toEqual([
      ['create Net/n'],
      ['update Thing/a'],
      ['create Thing/b'],
      ['prune Thing/old'],
      ['prune Net/older'],
    ])
  })

  it('is the same in whatever order documents and record are read', () => {
    const wanted = [net('n'), thing('a', { value: 2 }, behind('Net/n')), thing('b'), thing('c', {}, behind('Thing/b'))]
    const before = [thing('a'), thing('old'), net('older')]
    const turned = planFor({ wanted: wanted.toReversed(), before: before.toReversed() })
    expect(turned).toEqual(planFor({ wanted, before }))
  })

  it('prunes neither what is left alone nor the old name that a rename removes itself', () => {
    const renamed = thing('new', {}, { keeper: { movedFrom: 'old' } })
    const plan = planFor({
      wanted: [renamed],
      before: [thing('old'), thing('ill')],
      more: { frozen: frozen(thing('ill')) },
    })
    expect(changes(plan)).toEqual(['replace by revision: Thing/new for Thing/old'])
    expect(held(plan)).toEqual(['held-back: Thing/ill'])
  })

  it('lets the record forget what is gone', () => {
    const plan = planFor({ before: [thing('a')], live: [[thing('a'), ABSENT]] })
    expect(plan).toMatchObject({ stages: [], held: [], forget: [want(thing('a')).id] })
  })

  it('carries goal, revision and app', () => {
    expect(planFor({ more: { goal: 'last-good', revision: 'r7' } })).toMatchObject({
      app: 'web',
      goal: 'last-good',
      revision: 'r7',
    })
  })
})
