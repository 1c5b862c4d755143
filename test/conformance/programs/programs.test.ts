import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FULL, SEED } from '../../support/sample.ts'
import { comparePrograms, lineOf } from './compare.ts'
import { missingSupervisord } from './supervisord.ts'

const OWN = join(import.meta.dirname, 'own')
const CORPUS = join(process.env.SWARMKEEPER_CORPUS ?? '../shared/data', 'supervisor')
const missing = missingSupervisord()
if (missing) console.warn(`SKIPPED, what the real supervisord says of mutated configurations: ${missing}`)
else if (!existsSync(CORPUS)) console.warn(`SKIPPED, configurations of others: no ${CORPUS}`)

describe.skipIf(missing !== undefined)('the real supervisord', () => {
  const folders = [OWN, ...(existsSync(CORPUS) ? [CORPUS] : [])]

  it('accepts and refuses the same configurations, with the same complaints, and reads the same from them', () => {
    const found = comparePrograms(folders, { seed: SEED, each: FULL ? 400 : 12 })
    expect(found.differences.slice(0, 3), `SWARMKEEPER_TEST_SEED=${SEED}: ${lineOf(found)}`).toEqual([])
    expect(found.complaints).toBeGreaterThan(10)
    expect(found.reads).toBeGreaterThan(10)
  }, 300_000)
})
