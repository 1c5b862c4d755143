import { expect, it } from 'vitest'
import { portsHeld } from '../../src/plan/ports.ts'
import { net, thing } from '../support/fleet.ts'
import { testKinds } from '../support/kinds.ts'
import { ABSENT, liveAs, recordedAs, UNKNOWN, wantedIn } from '../support/plan-input.ts'

const a = wantedIn('web', thing('a', { port: '80' }))
const holder = { id: a.id, kind: 'Thing', from: recordedAs(a) }
const held = (observed: ReturnType<typeof liveAs>, from = holder) =>
  [...portsHeld(from, { kinds: testKinds, live: new Map([[a.id, observed]]) })].sort()

it('a port is held by the record, also where live is not known', () => {
  expect(held(UNKNOWN)).toEqual(['80'])
  expect(held(ABSENT)).toEqual(['80'])
})

it('and by live, for a kill can come between a write and its record', () => {
  expect(held(liveAs(a, { spec: { value: 1, port: '81' } }))).toEqual(['80', '81'])
})

it('what has no ports holds none', () => {
  const front = wantedIn('web', net('front'))
  const { id } = front
  expect([...portsHeld({ id, kind: 'Net', from: undefined }, { kinds: testKinds, live: new Map() })]).toEqual([])
})
