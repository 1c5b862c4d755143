import { describe, expect, it } from 'vitest'
import type { Cause } from '../../src/model/plan.ts'
import type { Recorded, Wanted } from '../../src/model/resource.ts'
import { applyOverlays } from '../../src/plan/overlay.ts'
import { net, thing } from '../support/fleet.ts'
import { testKinds } from '../support/kinds.ts'
import { recordedAs, wantedIn } from '../support/plan-input.ts'

const a = wantedIn('web', thing('a'))

interface Asked {
  readonly suspended?: Cause
  readonly token?: string
}

function overlaid(wanted: Wanted, asked: Asked, record?: Recorded) {
  const result = applyOverlays({
    wanted: [wanted],
    suspended: new Map(asked.suspended ? [[wanted.id, asked.suspended]] : []),
    restarts: asked.token === undefined ? {} : { [wanted.id]: asked.token },
    record: new Map(record ? [[record.id, record]] : []),
    kinds: testKinds,
  })
  const [first] = result.wanted
  if (!first) throw new Error('nothing is wanted')
  return { wanted: first, cause: result.overlays.get(wanted.id) }
}

/** What the record says after this was applied. */
const applied = (asked: Asked, wanted = a): Recorded => recordedAs(overlaid(wanted, asked).wanted)

describe('an overlay', () => {
  it('that is not asked for changes nothing', () => {
    expect(overlaid(a, {}, recordedAs(a))).toEqual({ wanted: a, cause: undefined })
  })

  it('puts a thing to rest by its kind, with another digest', () => {
    const { wanted } = overlaid(a, { suspended: 'operator' })
    expect(wanted.spec).toMatchObject({ resting: true })
    expect(wanted.digest).not.toBe(a.digest)
  })

  it('leaves alone what cannot rest', () => {
    const front = wantedIn('web', net('front'))
    expect(overlaid(front, { suspended: 'operator' }).wanted).toEqual(front)
  })
})

describe('its cause', () => {
  const edited = wantedIn('web', thing('a', { value: 2 }))
  const resting = wantedIn('web', thing('a', {}, { keeper: { suspend: true } }))
  const rows: readonly (readonly [string, Wanted, Asked, Recorded | undefined, Cause | undefined])[] = [
    ['set by an operator', a, { suspended: 'operator' }, recordedAs(a), 'operator'],
    ['set by a budget', a, { suspended: 'budget' }, recordedAs(a), 'budget'],
    ['set already', a, { suspended: 'operator' }, applied({ suspended: 'operator' }), undefined],
    ['lifted', a, {}, applied({ suspended: 'operator' }), 'operator'],
    ['edited while it rests', edited, { suspended: 'operator' }, applied({ suspended: 'operator' }), undefined],
    ['edited and lifted at once', edited, {}, applied({ suspended: 'operator' }), undefined],
    ['`suspend: true` in the document', resting, {}, recordedAs(a), undefined],
    ['the document stops saying so', a, {}, applied({}, resting), undefined],
    ['a restart', a, { token: 't1' }, recordedAs(a), 'operator'],
    ['the same restart again', a, { token: 't1' }, applied({ token: 't1' }), undefined],
    ['another restart', a, { token: 't2' }, applied({ token: 't1' }), 'operator'],
    ['an edit after a restart', edited, { token: 't1' }, applied({ token: 't1' }), undefined],
    [
      'at rest, with a restart behind it',
      a,
      { suspended: 'operator', token: 't1' },
      applied({ token: 't1' }),
      'operator',
    ],
    ['new and at rest', a, { suspended: 'operator' }, undefined, undefined],
  ]
  it.each(rows)('%s', (_when, wanted, asked, record, cause) => {
    expect(overlaid(wanted, asked, record).cause).toBe(cause)
  })
})
