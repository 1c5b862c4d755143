import { it } from 'vitest'
import * as laws from './laws/laws.ts'

const CASES = Number(process.env.SWARMKEEPER_CASES ?? 1_000)

it('the plan after an apply is empty', () => laws.planAfterApplyIsEmpty(CASES))
it('a rollback restores what was', () => laws.rollbackRestores(CASES))
it('a run killed at any step converges at the next start: no orphan, nothing done twice', () =>
  laws.killedFindsItsWay(CASES))
it('the plan does not depend on the order of documents', () => laws.orderDoesNotMatter(CASES))
it('no app ever prunes what another desires', () => laws.nobodyPrunesOfOthers(CASES))
it('a lost database is rebuilt with zero writes', () => laws.lostDatabaseIsRebuilt(CASES))
