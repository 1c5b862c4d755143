import { describe, expect, it } from 'vitest'
import { FULL, SEED } from '../../support/sample.ts'
import { compareUnits, lineOf } from './compare.ts'
import { missingSystemd } from './systemd.ts'

const UNITS = '/usr/lib/systemd/system'
const missing = missingSystemd()
if (missing) console.warn(`SKIPPED, what the real systemd says of mutated units: ${missing}`)

describe.skipIf(missing !== undefined)("the machine's own units, and mistakes in them", () => {
  it('are refused before they are installed for what systemd-analyze verify says, and never for anything else', async () => {
    const found = await compareUnits([UNITS], { seed: SEED, each: 5, ...(FULL ? {} : { files: 6 }) })
    const wrong = found.differences.filter(({ kind }) => kind === 'verdict')
    expect(wrong.slice(0, 3), `SWARMKEEPER_TEST_SEED=${SEED}: ${lineOf(found)}`).toEqual([])
    // Other versions of systemd, and units that nobody here has seen, are the machine's: what is found is printed.
    const alarms = found.differences.filter(({ kind }) => kind === 'false alarm')
    for (const { name, lines } of alarms) console.warn(`false alarm: ${name}: ${lines.join('; ')}`)
    expect(alarms.length, lineOf(found)).toBeLessThanOrEqual(FULL ? 0 : 1)
    expect(found.refused).toBeGreaterThan(5)
    expect(found.offline / found.said).toBeGreaterThan(FULL ? 0.8 : 0.4)
  }, 1_200_000)
})
