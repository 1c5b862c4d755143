import { describe, expect, test } from 'vitest'
import { makeId } from '../../src/model/id.ts'
import type { Departure } from '../../src/model/outcome.ts'
import { verdictOf } from '../../src/report/count-changes.ts'
import { planJson } from '../../src/report/json.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderPlanMarkdown } from '../../src/report/render-markdown.ts'
import { renderOutcome } from '../../src/report/render-outcome.ts'
import { renderPlan } from '../../src/report/render-plan.ts'
import { appPlan, create, fleetOutcome, fleetPlan, id, outcome, plan, REVISION, text } from './samples.ts'

const web = id('Service', 'web')
const at = '2026-03-01T03:00:00Z'
const heldBack: Departure = {
  why: 'held-back',
  ids: [web],
  revision: REVISION,
  message: 'TaskFailed: prod/Service/web: exit code 1',
  keptAt: 'last-good',
  at,
  todo: 'mend it with a commit, or: swarmkeeper retry hello',
}
const pinned: Departure = {
  why: 'pinned',
  ids: [web, id('Config', 'c_0123456789ab')],
  revision: '0f9e8d7c6b5a'.padEnd(40, '0'),
  message: 'it is slow',
  by: 'ana@desk',
  at,
  todo: 'swarmkeeper unpin hello',
}
const suspended: Departure = {
  why: 'suspended',
  ids: [web],
  message: 'costs',
  by: 'ana@desk',
  at,
  until: '2026-03-01T04:00:00.123Z',
  todo: 'swarmkeeper resume hello',
}
const stands = (...departures: readonly Departure[]) => fleetPlan([appPlan({}, { departures }), appPlan({ app: 'b' })])

describe('a plan that changes nothing', () => {
  test('shows what is held back, with the revision, the reason and the way out', () => {
    expect(text(renderPlan(stands(heldBack), plainPaint))).toBe(`
hello
  ! prod/Service/web  held back at last good: 1a2b3c4d5e6f failed: TaskFailed: exit code 1
    => mend it with a commit, or: swarmkeeper retry hello

revision 1a2b3c4d5e6f: nothing to do; 1 held back; 1 app as desired
`)
  })

  test('shows what a person pinned or suspended, and what differs by it', () => {
    expect(text(renderPlan(stands(pinned, suspended), plainPaint))).toBe(`
hello
  ! pinned by ana@desk to 0f9e8d7c6b5a: it is slow
      prod/Service/web
      prod/Config/c_0123456789ab
    => swarmkeeper unpin hello
  ! suspended by ana@desk until 2026-03-01T04:00:00Z: costs
      prod/Service/web
    => swarmkeeper resume hello

revision 1a2b3c4d5e6f: nothing to do; 1 app pinned; 1 app suspended; 1 app as desired
`)
  })

  test('names the folder of a pin that is in no repository', () => {
    const { message: _message, ...rest } = pinned
    const folder = { ...rest, message: '', folder: '/home/ana/fix' }
    expect(renderPlan(stands(folder), plainPaint)).toContain('  ! pinned by ana@desk to the folder /home/ana/fix')
  })

  test('says a hold once, though the group and the plan hold the same job', () => {
    const job = id('Job', 'migrate')
    const held = [{ id: job, why: 'held-back', message: 'prod/Job/migrate: exit code 3' } as const]
    const group = {
      ...heldBack,
      ids: [job],
      keptAt: 'as-it-is',
      message: 'JobFailed: prod/Job/migrate: exit code 3',
    } as const
    expect(text(renderPlan(fleetPlan([appPlan({ held }, { departures: [group] })]), plainPaint))).toBe(`
hello
  ! prod/Job/migrate  held back as it is: 1a2b3c4d5e6f failed: JobFailed: exit code 3
    => mend it with a commit, or: swarmkeeper retry hello

revision 1a2b3c4d5e6f: nothing to do; 1 held back
`)
  })

  test('is 0 for scripts; with changes that wait beside it, it is not', () => {
    expect(verdictOf(stands(heldBack, pinned, suspended))).toBe('nothing')
    const changes = [{ changes: [create(id('Service', 'new'))], gates: [], pauseMs: 0 }]
    expect(verdictOf(fleetPlan([appPlan({ stages: changes }, { departures: [pinned] })]))).toBe('changes')
  })

  test('tells programs and pull requests the same', () => {
    expect(planJson(stands(heldBack))).toMatchObject({ apps: [{ departures: [heldBack] }, { departures: [] }] })
    expect(renderPlanMarkdown(stands(heldBack))).toContain(
      '| hello | nothing to do; 1 held back | held back at last good: 1a2b3c4d5e6f failed: TaskFailed: prod/Service/web: exit code 1 |',
    )
  })
})

describe('an apply that changes nothing', () => {
  test('leaves what is pinned as it is, and does not call it as desired', () => {
    const fleet = fleetOutcome([outcome({ departures: [pinned] }), outcome({ app: 'b' })])
    expect(text(renderOutcome(fleet, plainPaint))).toBe(`
! hello  left as it is
    ! pinned by ana@desk to 0f9e8d7c6b5a: it is slow
        prod/Service/web
        prod/Config/c_0123456789ab
      => swarmkeeper unpin hello

revision 1a2b3c4d5e6f: 1 left as it is, 1 app as desired
`)
  })

  test('says that drift is only reported', () => {
    const diffs = [{ path: '/env/TOKEN', from: 'hunter2', effect: 'restart' }] as const
    const held = [{ id: web, why: 'reported', message: 'drift: reported, not healed', diffs }] as const
    expect(text(renderOutcome(fleetOutcome([outcome({ plan: plan({ held }) })]), plainPaint))).toBe(`
! hello  left as it is
    ! prod/Service/web  reported only: drift: reported, not healed
        env/TOKEN: set by hand -> (none)

revision 1a2b3c4d5e6f: 1 left as it is
`)
  })

  test('tells every group that is still held back', () => {
    const older = { ...heldBack, ids: [id('Service', 'api')], message: 'TaskFailed: prod/Service/api: exit code 9' }
    const fleet = fleetOutcome([
      outcome({ outcome: 'held-back', reason: 'TaskFailed', message: 'exit code 1', departures: [older, heldBack] }),
    ])
    expect(text(renderOutcome(fleet, plainPaint))).toBe(`
! hello  held back: TaskFailed
    ! prod/Service/api  held back at last good: 1a2b3c4d5e6f failed: TaskFailed: exit code 9
      => mend it with a commit, or: swarmkeeper retry hello
    ! prod/Service/web  held back at last good: 1a2b3c4d5e6f failed: TaskFailed: exit code 1
      => mend it with a commit, or: swarmkeeper retry hello

revision 1a2b3c4d5e6f: 1 held back
`)
  })
})

test('what could not be read is not called as desired without saying so', () => {
  expect(text(renderOutcome(fleetOutcome([outcome()], { stale: true }), plainPaint))).toBe(`
the repository could not be read: this was its last known state
last known revision 1a2b3c4d5e6f: 1 app as desired
`)
  expect(renderPlan(fleetPlan([appPlan({})], { stale: true }), plainPaint).at(-1)).toBe(
    'last known revision 1a2b3c4d5e6f: nothing to do; 1 app as desired',
  )
})

describe('an app that cannot be read', () => {
  const problem = {
    severity: 'error',
    position: { path: 'apps/hello/hello.yaml', line: 3, column: 7 },
    pointer: '/imgae',
    message: "unknown key; did you mean 'image'?",
    app: 'hello',
  } as const
  const blocked = { reason: 'InvalidDesired', message: 'something of it could not be read; see the problems' }

  test('is shown apart as not planned, beside what is planned', () => {
    const changes = [{ changes: [create(id('Service', 'new'))], gates: [], pauseMs: 0 }]
    const fleet = fleetPlan([appPlan({}, { blocked }), appPlan({ app: 'b', stages: changes })], { problems: [problem] })
    expect(text(renderPlan(fleet, plainPaint))).toBe(`
apps/hello/hello.yaml:3:7 /imgae: unknown key; did you mean 'image'?

hello
  not planned: InvalidDesired: something of it could not be read; see the problems

b
  + prod/Service/new
      image: web:2
      replicas: 2

revision 1a2b3c4d5e6f: 1 to create; 1 app not planned
`)
  })

  test('never makes a plan that says there is nothing to do', () => {
    const alone = fleetPlan([appPlan({}, { blocked }), appPlan({ app: 'b' })], { problems: [problem] })
    expect(renderPlan(alone, plainPaint).at(-1)).toBe(
      'revision 1a2b3c4d5e6f: nothing planned; 1 app not planned; 1 app as desired',
    )
    expect(verdictOf(fleetPlan([appPlan({}, { blocked })]))).toBe('error')
  })
})

describe('what stops every app', () => {
  test('is said once', () => {
    const blocked = { reason: 'GuardHeld', message: 'the fleet is frozen by ana: audit', todo: 'swarmkeeper unfreeze' }
    const changes = [{ changes: [create(web)], gates: [], pauseMs: 0 }]
    const fleet = fleetPlan([appPlan({ stages: changes }, { blocked }), appPlan({ app: 'b' }, { blocked })])
    expect(text(renderPlan(fleet, plainPaint))).toBe(`
waits: GuardHeld: the fleet is frozen by ana: audit
  => swarmkeeper unfreeze

hello
  + prod/Service/web
      image: web:2
      replicas: 2

revision 1a2b3c4d5e6f: nothing to do now; 1 change waits
`)
  })
})

describe('a target that does not answer', () => {
  const message = 'GET /_ping on tcp://10.0.0.11:2376: connect ECONNREFUSED'
  const unknown = (name: string) => ({ id: id('Service', name), why: 'unknown', message }) as const
  const pruned = { id: id('Service', 'old'), why: 'unknown', message: `it is to be pruned, but ${message}` } as const
  const held = [unknown('web'), unknown('api'), pruned]
  const fleet = fleetPlan([appPlan({ held }), appPlan({ app: 'b', held: [unknown('c')] })])

  test('is one message, and a count of what is unknown by it', () => {
    expect(text(renderPlan(fleet, plainPaint))).toBe(`
✗ target prod: GET /_ping on tcp://10.0.0.11:2376: connect ECONNREFUSED
    4 resources unknown: hello 3, b 1

revision 1a2b3c4d5e6f: nothing known to do; 4 unknown
`)
    const markdown = renderPlanMarkdown(fleet).join('\n')
    expect(markdown.split(message)).toHaveLength(2)
    expect(markdown).toContain('| hello | nothing known to do; 3 unknown |')
  })

  test('says beside a plan what ends it, also where one thing alone is unknown by it', () => {
    const todos = { targetTodos: { prod: 'check its endpoint', far: 'turn it on', gone: 'not said' } }
    const alone = { id: makeId({ target: 'far', kind: 'Service', name: 'x' }), why: 'unknown', message: 'no' } as const
    const lines = renderPlan({ ...fleetPlan([appPlan({ held: [...held, alone] })]), ...todos }, plainPaint)
    expect(lines.slice(0, 5)).toEqual([
      `✗ target prod: ${message}`,
      '    3 resources unknown: hello 3',
      '    => check its endpoint',
      '✗ target far',
      '    => turn it on',
    ])
    expect(lines.join('\n')).not.toContain('not said')
  })

  test('is one message of an apply, too, with what to do about it', () => {
    const unknownOutcome = { outcome: 'unknown', message: `prod/Service/web: ${message}`, todo: 'check it' } as const
    const apps = [outcome({ ...unknownOutcome, plan: plan({ held }) }), outcome({ app: 'b' })]
    expect(text(renderOutcome(fleetOutcome(apps), plainPaint))).toBe(`
✗ target prod: GET /_ping on tcp://10.0.0.11:2376: connect ECONNREFUSED
    3 resources unknown: hello 3
    => check it

revision 1a2b3c4d5e6f: 1 unknown, 1 app as desired
`)
  })

  test('leaves a single unknown resource, and one with a reason of its own, under its name', () => {
    const own = { ...unknown('api'), message: 'too many objects' }
    const lines = renderPlan(fleetPlan([appPlan({ held: [unknown('web'), own] })]), plainPaint)
    expect(lines).toContain('  ! prod/Service/api  unknown: too many objects')
    expect(lines).toContain(`  ! prod/Service/web  unknown: ${message}`)
  })
})
