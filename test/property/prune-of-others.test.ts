import { it } from 'vitest'
import { CASES } from './cases.ts'
import { nobodyPrunesOfOthers } from './laws/prune-of-others.ts'

it('no app ever prunes what another desires', () => nobodyPrunesOfOthers({ runs: CASES }))
