import { it } from 'vitest'
import { CASES } from './cases.ts'
import { lostDatabaseIsRebuilt } from './laws/lost-database.ts'

it('a lost database is rebuilt with zero writes', () => lostDatabaseIsRebuilt({ runs: CASES }))
