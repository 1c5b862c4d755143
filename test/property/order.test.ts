import { it } from 'vitest'
import { CASES } from './cases.ts'
import { orderDoesNotMatter } from './laws/order.ts'

it('the plan does not depend on the order of documents', () => orderDoesNotMatter({ runs: CASES }))
