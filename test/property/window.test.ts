import { it } from 'vitest'
import { CASES } from './cases.ts'
import { windowStopsNoRollback } from './laws/rollback.ts'

it('a maintenance window stops no rollback', () => windowStopsNoRollback({ runs: CASES }))
