import { it } from 'vitest'
import { CASES } from './cases.ts'
import { itFindsItsWay } from './laws/recovery.ts'

it('whatever happened, the next good revision stands as it is declared', () => itFindsItsWay({ runs: CASES }))
