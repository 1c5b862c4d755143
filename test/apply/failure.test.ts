import { expect, it } from 'vitest'
import { type FailureFacts, type Response, respondToFailure } from '../../src/apply/failure.ts'

const facts: FailureFacts = {
  cause: 'revision',
  goal: 'desired',
  wrote: true,
  before: 'healthy',
  hasLastGood: true,
  noWayBack: undefined,
  onFirstFailure: 'stay',
  failures: 0,
  unknown: false,
}

const first: Partial<FailureFacts> = { before: 'new', hasLastGood: false }

const TABLE: readonly (readonly [string, Partial<FailureFacts>, Response['act']])[] = [
  ['failed before the first write', { wrote: false }, 'retry'],
  ['also where there would be no way back', { wrote: false, noWayBack: 'a job' }, 'retry'],
  ['new revision fails, last good was healthy when it began', {}, 'roll-back'],
  ['the app was degraded before', { before: 'degraded' }, 'stay'],
  ['it was made anew, and there is a last good all the same', { before: 'new' }, 'stay'],
  ['a data image, or past an irreversible job', { noWayBack: 'a job ran' }, 'stay'],
  ['first deploy fails', first, 'inspect'],
  ['first deploy fails, onFirstFailure: remove', { ...first, onFirstFailure: 'remove' }, 'remove'],
  ['first deploy fails past an irreversible job', { ...first, onFirstFailure: 'remove', noWayBack: 'a job' }, 'stay'],
  ['drift fails', { cause: 'drift' }, 'retry'],
  ['drift fails a second time', { cause: 'drift', failures: 1 }, 'retry'],
  ['drift fails a third time', { cause: 'drift', failures: 2 }, 'stall'],
  ['a budget change fails', { cause: 'budget' }, 'retry'],
  ["an operator's restart fails", { cause: 'operator' }, 'retry'],
  ['a step is unknown', { unknown: true }, 'wait'],
  ['a step of a heal is unknown, for the third time', { cause: 'drift', failures: 2, unknown: true }, 'wait'],
  ['a rollback step is unreachable', { goal: 'last-good', cause: 'rollback', unknown: true }, 'wait'],
  ['a rollback step is refused', { goal: 'last-good', cause: 'rollback' }, 'stall'],
]

it.each(TABLE)('rule 17: %s: %o -> %s', (_situation, given, act) => {
  expect(respondToFailure({ ...facts, ...given }).act).toBe(act)
})

it('rule 17: what stays says why', () => {
  expect(respondToFailure({ ...facts, noWayBack: 'migrate is irreversible' })).toEqual({
    act: 'stay',
    why: 'migrate is irreversible',
  })
})
