import { it } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.ts'
import { CASES } from './cases.ts'
import { killedFindsItsWay } from './laws/killed.ts'

it('a run killed at any step converges at the next start: no orphan, nothing done twice', () =>
  killedFindsItsWay({ runs: CASES }))

it('so it does over a store that keeps text', () => killedFindsItsWay({ runs: 60, makeStore: createMemoryStore }))
