import { it } from 'vitest'
import { CASES } from './cases.ts'
import { rollbackRestores } from './laws/rollback.ts'

it('a rollback restores what was', () => rollbackRestores({ runs: CASES }))
