import { describe, expect, it } from 'vitest'
import type { Observed } from '../../src/model/live.ts'
import { changesOf, type Plan } from '../../src/model/plan.ts'
import type { Recorded, Wanted } from '../../src/model/resource.ts'
import { makePlan, type PlanInput } from '../../src/plan/make-plan.ts'
import { net, task, thing } from '../support/fleet.ts'
import { ABSENT, liveAs, otherDigest, planInput, recordedAs, UNKNOWN, wantedIn } from '../support/plan-input.ts'

const hello = wantedIn('web', thing('hello'))
const handled = (keeper: Partial<Wanted['handling']>): Wanted => wantedIn('web', thing('hello', {}, { keeper }))

/** What the plan says of one resource: `update revision`, `held conflict`, `settled`. */
function said(plan: Plan): string {
  const [change] = changesOf(plan)
  if (change) return `${change.action} ${change.cause}`
  const [held] = plan.held
  if (held) return `held ${held.why}`
  return plan.settled.length > 0 ? 'settled' : 'nothing'
}

interface Row {
  readonly when: string
  readonly to?: Wanted
  readonly record?: Recorded
  readonly live: Observed
  readonly says: string
  readonly input?: Partial<PlanInput>
}

const drifted = (spec: object): Observed => liveAs(hello, { spec: { ...(hello.spec as object), ...spec } })
const earlier = recordedAs(hello, { digest: otherDigest })

const ROWS: readonly Row[] = [
  { when: 'it is not there and was never ours', live: ABSENT, says: 'create revision' },
  { when: 'it was ours and is gone', live: ABSENT, record: recordedAs(hello), says: 'create drift' },
  { when: 'it was ours as something else and is gone', live: ABSENT, record: earlier, says: 'create revision' },
  {
    when: 'it was intended and is not there',
    live: ABSENT,
    record: recordedAs(hello, { state: 'intended' }),
    says: 'create revision',
  },
  { when: 'it cannot be seen', live: UNKNOWN, record: recordedAs(hello), says: 'held unknown' },
  { when: 'it is as wanted', live: liveAs(hello), record: recordedAs(hello), says: 'settled' },
  { when: 'it is as wanted, and only the record lacks it', live: liveAs(hello), says: 'settled' },
  { when: 'desired differs from the record', live: drifted({ value: 9 }), record: earlier, says: 'update revision' },
  { when: 'a change of its mode', live: drifted({ mode: 'global' }), record: earlier, says: 'replace revision' },
  {
    when: 'live differs, and healing restarts nothing',
    live: drifted({ label: 'x' }),
    record: recordedAs(hello),
    says: 'update drift',
  },
  {
    when: 'live differs, and healing would restart',
    live: drifted({ value: 9 }),
    record: recordedAs(hello),
    says: 'held reported',
  },
  {
    when: 'the same, and drift: heal',
    to: handled({ drift: 'heal' }),
    live: drifted({ value: 9 }),
    record: recordedAs(hello),
    says: 'update drift',
  },
  {
    when: 'the same, and drift: report',
    to: handled({ drift: 'report' }),
    live: drifted({ label: 'x' }),
    record: recordedAs(hello),
    says: 'held reported',
  },
  {
    when: 'the same, and drift: ignore',
    to: handled({ drift: 'ignore' }),
    live: drifted({ label: 'x' }),
    record: recordedAs(hello),
    says: 'held ignored',
  },
  {
    when: 'it is gone, and drift: report',
    to: handled({ drift: 'report' }),
    live: ABSENT,
    record: recordedAs(hello),
    says: 'held reported',
  },
  {
    when: 'it is gone, and drift: ignore',
    to: handled({ drift: 'ignore' }),
    live: ABSENT,
    record: recordedAs(hello),
    says: 'held ignored',
  },
  {
    when: 'a revision is no drift, whatever the policy',
    to: handled({ drift: 'ignore' }),
    live: drifted({ value: 9 }),
    record: earlier,
    says: 'update revision',
  },
  {
    when: 'without a record, the stamp tells a revision',
    live: liveAs(hello, { spec: { value: 9 }, owner: { who: 'us', app: 'web', digest: otherDigest } }),
    says: 'update revision',
  },
  {
    when: 'without a record, the stamp tells drift',
    to: handled({ drift: 'heal' }),
    live: drifted({ value: 9 }),
    says: 'update drift',
  },
  {
    when: 'it is of another install',
    live: liveAs(hello, { owner: { who: 'other', install: 'theirs' } }),
    says: 'held conflict',
  },
  { when: 'it is of nobody', live: liveAs(hello, { owner: { who: 'nobody' } }), says: 'held conflict' },
  {
    when: 'of nobody, adopt: true, as wanted',
    to: handled({ adopt: 'stamp' }),
    live: liveAs(hello, { owner: { who: 'nobody' } }),
    says: 'adopt revision',
  },
  {
    when: 'of nobody, adopt: true, not as wanted',
    to: handled({ adopt: 'stamp' }),
    live: liveAs(hello, { spec: { value: 9 }, owner: { who: 'nobody' } }),
    says: 'held conflict',
  },
  {
    when: 'of nobody, adopt: converge',
    to: handled({ adopt: 'converge' }),
    live: liveAs(hello, { spec: { value: 9 }, owner: { who: 'nobody' } }),
    says: 'update revision',
  },
  {
    when: 'of nobody, adopted by a person',
    live: liveAs(hello, { owner: { who: 'nobody' } }),
    says: 'adopt revision',
    input: { adopt: new Set([hello.id]) },
  },
  {
    when: 'to be adopted, and just being updated',
    to: handled({ adopt: 'stamp' }),
    live: liveAs(hello, { owner: { who: 'nobody' }, health: { status: 'progressing' } }),
    says: 'held conflict',
  },
  {
    when: 'it is of another app of ours',
    live: liveAs(hello, { owner: { who: 'us', app: 'old', digest: hello.digest } }),
    record: recordedAs(hello, { app: 'old' }),
    says: 'move revision',
  },
  {
    when: 'on the way back, a change is a rollback',
    live: drifted({ value: 9 }),
    record: earlier,
    says: 'update rollback',
    input: { goal: 'last-good' },
  },
  {
    when: 'on the way back, drift is not asked',
    to: handled({ drift: 'report' }),
    live: drifted({ value: 9 }),
    record: recordedAs(hello),
    says: 'update rollback',
    input: { goal: 'last-good' },
  },
  {
    when: 'an overlay is the cause',
    live: drifted({ value: 9 }),
    record: earlier,
    says: 'update operator',
    input: { overlays: new Map([[hello.id, 'operator']]) },
  },
]

describe('what is decided for one resource', () => {
  it.each(ROWS)('$when: $says', ({ to = hello, record, live, says, input }) => {
    const situation = { wanted: [to], live: { [to.id]: live }, ...(record ? { record: [record] } : {}) }
    expect(said(makePlan(planInput(situation, input)))).toBe(says)
  })

  it.each([
    ['restart it', { value: 9 }],
    ['remove it and create it again', { mode: 'global' }],
  ])('drift that is not healed by itself says that healing would %s', (would, spec) => {
    const situation = { wanted: [hello], live: { [hello.id]: drifted(spec) }, record: [recordedAs(hello)] }
    expect(makePlan(planInput(situation)).held).toMatchObject([
      { why: 'reported', message: `drift: healing would ${would}; \`drift: heal\` allows that` },
    ])
  })
})

describe('what is decided for a job', () => {
  const job = wantedIn('web', task('migrate', 'one'))
  const failed = liveAs(job, { health: { status: 'degraded', message: 'exit code 1' } })
  const rows: readonly Row[] = [
    { when: 'it finished and was removed', live: ABSENT, record: recordedAs(job), says: 'settled' },
    { when: 'it is new', live: ABSENT, says: 'create revision' },
    {
      when: 'another run is wanted',
      live: liveAs(job, { spec: { runKey: 'zero' } }),
      record: recordedAs(job, { digest: otherDigest }),
      says: 'update revision',
    },
    { when: 'it failed', live: failed, record: recordedAs(job), says: 'settled' },
    {
      when: 'it failed and is tried again',
      live: failed,
      record: recordedAs(job),
      says: 'replace revision',
      input: { again: true },
    },
    {
      when: 'it finished and the rest is tried again',
      live: liveAs(job),
      record: recordedAs(job),
      says: 'settled',
      input: { again: true },
    },
  ]
  it.each(rows)('$when: $says', ({ record, live, says, input }) => {
    const situation = { wanted: [job], live: { [job.id]: live }, ...(record ? { record: [record] } : {}) }
    expect(said(makePlan(planInput(situation, input)))).toBe(says)
  })
})

describe('what cannot be stamped', () => {
  const front = wantedIn('web', net('front'))
  const nobodys = liveAs(front, { owner: { who: 'nobody' } })

  it('is ours by the record', () => {
    const plan = makePlan(planInput({ wanted: [front], live: { [front.id]: nobodys }, record: [recordedAs(front)] }))
    expect(said(plan)).toBe('settled')
  })

  it('is not ours by an intention', () => {
    const record = [recordedAs(front, { state: 'intended' })]
    expect(said(makePlan(planInput({ wanted: [front], live: { [front.id]: nobodys }, record })))).toBe('held conflict')
  })

  it('is never ours where another install marked it', () => {
    const live = { [front.id]: liveAs(front, { owner: { who: 'other', install: 'theirs' } }) }
    expect(said(makePlan(planInput({ wanted: [front], live, record: [recordedAs(front)] })))).toBe('held conflict')
  })
})

describe('a change of data', () => {
  const before = wantedIn('web', thing('db', { volume: 'a' }))
  const to = wantedIn('web', thing('db', { volume: 'b' }))
  const situation = (wanted: Wanted) => ({
    wanted: [wanted],
    live: { [to.id]: liveAs(before) },
    record: [recordedAs(before)],
  })

  it('waits, and says where the data stays', () => {
    const plan = makePlan(planInput(situation(to)))
    expect(plan.held).toMatchObject([{ why: 'data', message: expect.stringContaining('volume a') }])
  })

  it('goes through where `moved:` says that it is meant', () => {
    const moved = wantedIn('web', thing('db', { volume: 'b' }, { keeper: { movedFrom: 'db' } }))
    expect(said(makePlan(planInput(situation(moved))))).toBe('update revision')
  })

  it('goes through on the way back', () => {
    expect(said(makePlan(planInput(situation(to), { goal: 'last-good' })))).toBe('update rollback')
  })
})

describe('what comes after something that is not there', () => {
  const base = wantedIn('web', thing('base'))
  const next = wantedIn('web', thing('next', {}, { after: ['Thing/base'] }))
  const last = wantedIn('web', thing('last', {}, { after: ['Thing/next'] }))

  it('waits with it, to the end of the chain', () => {
    const live = { [base.id]: UNKNOWN, [next.id]: ABSENT, [last.id]: ABSENT }
    const plan = makePlan(planInput({ wanted: [base, next, last], live }))
    expect(plan.held.map(({ id, why }) => `${why} ${id}`)).toEqual([
      'unknown prod/Thing/base',
      'dependency prod/Thing/next',
      'dependency prod/Thing/last',
    ])
    expect(plan.stages).toEqual([])
  })

  it('goes on where it is there after all, though not ours', () => {
    const live = { [base.id]: liveAs(base, { owner: { who: 'nobody' } }), [next.id]: ABSENT }
    const plan = makePlan(planInput({ wanted: [base, next], live }))
    expect(changesOf(plan).map((change) => change.id)).toEqual([next.id])
  })
})
