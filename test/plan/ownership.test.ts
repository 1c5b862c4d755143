import { describe, expect, it } from 'vitest'
import type { Digest } from '../../src/model/digest.ts'
import type { Health, Observed, Owner } from '../../src/model/live.ts'
import type { Goal } from '../../src/model/plan.ts'
import type { Handling, Recorded, Wanted } from '../../src/model/resource.ts'
import { type Decision, decide } from '../../src/plan/decide.ts'
import { recordedOf } from '../support/changes.ts'
import { shortId, task, thing, type Written } from '../support/fleet.ts'
import { ABSENT } from '../support/plan-input.ts'
import { heldWords, kinds, seen, usFor, want, wordsOf } from './plan-world.ts'

interface Given {
  readonly wanted: Written
  /** What the record holds under this id; default: nothing. */
  readonly recorded?: Written
  readonly recordState?: Recorded['state']
  /** Fields that live has in place of the wanted ones; default: it is not there. */
  readonly live?: object
  readonly owner?: Owner
  readonly health?: Health
  readonly goal?: Goal
  /** Adopt it, by the command line. */
  readonly adoptNow?: boolean
  /** What else is live, whose it is, and whether the record knows it. */
  readonly beside?: { readonly written: Written; readonly owner?: Owner; readonly recorded?: boolean }
}

function decisionFor(given: Given): Decision {
  const to = want(given.wanted)
  const beside = given.beside && want(given.beside.written)
  const recorded = [
    ...(given.recorded ? [recordedOf(want(given.recorded), given.recordState)] : []),
    ...(beside && given.beside?.recorded !== false ? [recordedOf(beside)] : []),
  ]
  const { owner } = given.beside ?? {}
  return decide(to, {
    app: 'web',
    goal: given.goal ?? 'desired',
    kinds,
    record: new Map(recorded.map((one) => [one.id, one])),
    live: new Map([
      [to.id, observed(to, given)] as const,
      ...(beside ? [[beside.id, seen(beside, owner ? { owner } : {})] as const] : []),
    ]),
    overlays: new Map(),
    adopt: new Set(given.adoptNow ? [to.id] : []),
    again: false,
  })
}

function observed(to: Wanted, { live, recorded, owner, health }: Given): Observed {
  if (live === undefined) return ABSENT
  const stamped = recorded ? want(recorded) : to
  return seen(to, { patch: live, owner: owner ?? usFor(stamped), ...(health ? { health } : {}) })
}

function words(decision: Decision): string {
  if ('change' in decision) return wordsOf(decision.change)
  if ('settled' in decision) return decision.settled.action
  return `held, ${heldWords(decision.held)}`
}

type Row = readonly [behaviour: string, given: Given, then: string]
const table = (rows: readonly Row[]): void => {
  it.each(rows)('%s', (_, given, then) => {
    expect(words(decisionFor(given))).toBe(then)
  })
}

const NOBODY: Owner = { who: 'nobody' }
const OTHER: Owner = { who: 'other', install: 'elsewhere' }
const A = thing('a')
const keeper = (handling: Partial<Handling>): Written => thing('a', {}, { keeper: handling })
const stampless: Written = { kind: 'Net', name: 'a', spec: { value: 1 } }
const host: Written = { kind: 'Host', name: 'a', spec: {} }

describe('rule 10: what exists and is not ours', () => {
  const foreign = (wanted: Written, more: Partial<Given> = {}): Given => ({ wanted, live: {}, owner: NOBODY, ...more })
  const converge = keeper({ adopt: 'converge' })
  table([
    [
      'is of another install, whatever the document says',
      foreign(converge, { owner: OTHER }),
      'held, conflict: Thing/a',
    ],
    [
      'is not changed for what a person says alone',
      foreign(A, { adoptNow: true, live: { value: 7 } }),
      'held, conflict: Thing/a',
    ],
    [
      'converges by a replacement where it must',
      foreign(converge, { live: { mode: 'global' } }),
      'replace by revision: Thing/a /mode',
    ],
    ['is adopted where it has converged', foreign(converge), 'adopt by revision: Thing/a'],
    [
      'converges for the document also where a person asks for less',
      foreign(converge, { live: { value: 7 }, adoptNow: true }),
      'update by revision: Thing/a /value',
    ],
    [
      'keeps its volume until somebody says that this is meant',
      foreign(thing('a', { volume: 'new' }, { keeper: { adopt: 'converge' } }), { live: { volume: 'old' } }),
      'held, data: Thing/a',
    ],
    [
      'is left alone while it is ill',
      foreign(keeper({ adopt: 'stamp' }), { health: { status: 'degraded' } }),
      'held, conflict: Thing/a',
    ],
    [
      'is adopted while it rests',
      foreign(keeper({ adopt: 'stamp' }), { health: { status: 'suspended' } }),
      'adopt by revision: Thing/a',
    ],
    [
      'is as wanted where only ignored fields differ',
      foreign(keeper({ adopt: 'stamp', ignore: [{ field: '/value', reason: 'scaled' }] }), { live: { value: 7 } }),
      'adopt by revision: Thing/a',
    ],
    ['is not ours by the record where it could carry a stamp', foreign(A, { recorded: A }), 'held, conflict: Thing/a'],
  ])

  it('is refused with the fields that adopting would change, and the word that allows it', () => {
    expect(decisionFor(foreign(keeper({ adopt: 'stamp' }), { live: { value: 7, label: 'theirs' } }))).toMatchObject({
      held: {
        message: 'adopting would change /value, /label; `adopt: converge` allows it',
        diffs: [{ path: '/value' }, { path: '/label' }],
      },
    })
    expect(decisionFor(foreign(A))).toMatchObject({ held: { message: expect.stringContaining('adopt: true') } })
    const theirs = decisionFor(foreign(A, { owner: OTHER }))
    expect(theirs).toMatchObject({ held: { message: "it belongs to the install 'elsewhere'" } })
  })
})

describe('what is found and never made, like a node', () => {
  table([
    ['is a conflict where it is not there', { wanted: host }, 'held, conflict: Host/a'],
    ['is taken over unasked', { wanted: host, live: {}, owner: NOBODY }, 'adopt by revision: Host/a'],
    ['is changed as declared', { wanted: host, live: { x: 1 }, owner: NOBODY }, 'update by revision: Host/a /labels'],
    ['is not taken from another install', { wanted: host, live: {}, owner: OTHER }, 'held, conflict: Host/a'],
  ])
})

describe('rule 11: another live name', () => {
  const renamed = keeper({ movedFrom: 'old' })
  const old = thing('old')
  table([
    [
      'takes the place of the old one',
      { wanted: renamed, beside: { written: old } },
      'replace by revision: Thing/a for Thing/old',
    ],
    ['is made where the old one is gone already', { wanted: renamed }, 'create by revision: Thing/a'],
    [
      'does not touch an old one of nobody',
      { wanted: renamed, beside: { written: old, owner: NOBODY } },
      'create by revision: Thing/a',
    ],
    [
      'does not touch an old one of another install',
      { wanted: renamed, beside: { written: old, owner: OTHER } },
      'create by revision: Thing/a',
    ],
    [
      'does not touch an old one that the record does not know',
      { wanted: renamed, beside: { written: old, recorded: false } },
      'create by revision: Thing/a',
    ],
    [
      'is done once: the old name may come back as something else',
      { wanted: renamed, recorded: renamed, live: {}, beside: { written: old } },
      'unchanged',
    ],
  ])

  it('is looked for on the same target, in the same kind', () => {
    expect(decisionFor({ wanted: renamed, beside: { written: old } })).toMatchObject({
      change: { frees: [shortId('Thing/old')] },
    })
    const elsewhere = { ...old, target: 'edge' }
    expect(words(decisionFor({ wanted: renamed, beside: { written: elsewhere } }))).toBe('create by revision: Thing/a')
  })
})

describe('rule 11: another app', () => {
  const shop: Owner = { who: 'us', app: 'shop', digest: want(A).digest }
  table([
    ['of the same thing is a move', { wanted: A, live: {}, owner: shop }, 'move by revision: Thing/a from shop'],
    [
      'is a move in a rollback as well',
      { wanted: A, live: {}, owner: shop, goal: 'last-good' },
      'move by rollback: Thing/a from shop',
    ],
    [
      'is never drift, whatever the policy',
      { wanted: keeper({ drift: 'ignore' }), recorded: A, live: {}, owner: shop },
      'move by revision: Thing/a from shop',
    ],
    [
      'of something that differs is an update, which moves it',
      { wanted: thing('a', { value: 2 }), live: { value: 1 }, owner: shop },
      'update by revision: Thing/a /value',
    ],
    [
      'of what cannot be stamped is told by the record of the target',
      { wanted: stampless, live: {}, owner: { who: 'us', app: 'shop', digest: 'd' as Digest } },
      'move by revision: Net/a from shop',
    ],
    [
      'of a job runs nothing',
      { wanted: task('a', 'k1'), live: {}, owner: { ...shop, digest: want(task('a', 'k1')).digest } },
      'move by revision: Task/a from shop',
    ],
  ])
})

describe('rule 2: the record is a newer word than the stamp', () => {
  const own = (wanted: Written, live: object, more: Partial<Given> = {}): Given => ({
    wanted,
    live,
    recorded: A,
    ...more,
  })
  const edited = thing('a', { value: 2 })
  table([
    [
      'of what was edited',
      own(edited, { label: 'by hand' }, { recorded: edited, owner: usFor(want(A)) }),
      'update by drift: Thing/a /label',
    ],
    [
      'but not while it was only intended',
      own(A, { label: 'by hand' }, { recordState: 'intended' }),
      'update by drift: Thing/a /label',
    ],
    [
      'also where the thing was to go: it is wanted again',
      { wanted: A, recorded: A, recordState: 'retiring' },
      'create by revision: Thing/a',
    ],
  ])
})

describe('rule 21: fields', () => {
  const ignoring = (label?: string) =>
    thing('a', label === undefined ? {} : { label }, {
      keeper: { ignore: [{ field: '/value', reason: 'scaled by hand' }] },
    })
  const heal = (spec: object) => thing('a', spec, { keeper: { drift: 'heal' } })
  table([
    ['that are ignored never differ', { wanted: ignoring(), recorded: A, live: { value: 7 } }, 'unchanged'],
    [
      'of which one restarts are reported together',
      { wanted: A, recorded: A, live: { label: 'x', value: 7 } },
      'held, reported: Thing/a',
    ],
    [
      'that replace are healed where that is asked for',
      { wanted: heal({}), recorded: A, live: { mode: 'x' } },
      'replace by drift: Thing/a /mode',
    ],
    [
      'that carry data are not healed, whatever is asked for',
      { wanted: heal({ volume: 'new' }), recorded: heal({ volume: 'new' }), live: { volume: 'old' } },
      'held, data: Thing/a',
    ],
    [
      'that get their first volume lose nothing',
      { wanted: thing('a', { volume: 'v' }), recorded: A, live: { volume: undefined } },
      'update by revision: Thing/a /volume',
    ],
  ])

  it('that are ignored are sent as they are live, with the update of others', () => {
    expect(decisionFor({ wanted: ignoring('new'), recorded: A, live: { value: 7, label: 'old' } })).toMatchObject({
      change: { action: 'update', to: { spec: { value: 7, label: 'new' } }, diffs: [{ path: '/label' }] },
    })
  })
})
