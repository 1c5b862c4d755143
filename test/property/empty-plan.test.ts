import { it } from 'vitest'
import { CASES } from './cases.ts'
import { planAfterApplyIsEmpty } from './laws/empty-plan.ts'

it('the plan after an apply is empty', () => planAfterApplyIsEmpty({ runs: CASES }))
