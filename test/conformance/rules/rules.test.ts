import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FULL, SEED } from '../../support/sample.ts'
import { compareRules, lineOf, ruleFilesOf } from './compare.ts'
import { missingPromtool } from './promtool.ts'

const OWN = join(import.meta.dirname, 'own')
const CORPUS = join(process.env.SWARMKEEPER_CORPUS ?? '../shared/data', 'prometheus')
const missing = missingPromtool()
if (missing) console.warn(`SKIPPED, what promtool says of mutated rule files: ${missing}`)
else if (!existsSync(CORPUS)) console.warn(`SKIPPED, rule files of others: no ${CORPUS}`)

describe.skipIf(missing !== undefined)('promtool', () => {
  it.each([OWN, ...(existsSync(CORPUS) ? [CORPUS] : [])])(
    'accepts and refuses the same rule files of %s',
    async (folder) => {
      const found = await compareRules(folder, { seed: SEED, mutations: FULL ? 5000 : 600 })
      const about = `SWARMKEEPER_TEST_SEED=${SEED}: ${lineOf(found)}`
      expect(found.differences.slice(0, 3), about).toEqual([])
      expect(found.bad / (found.files + found.mutations), about).toBeGreaterThan(0.4)
    },
    300_000,
  )
})

describe('the rule files of a folder', () => {
  it('are files alone: a folder may be called like one, and a link may lead nowhere', () => {
    const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-rules-'))
    try {
      mkdirSync(join(folder, 'folder.yml'))
      symlinkSync('round.yml', join(folder, 'round.yml'))
      writeFileSync(join(folder, 'folder.yml', 'a.rules'), 'groups: []')
      expect(ruleFilesOf(folder)).toEqual([{ name: 'folder.yml/a.rules', text: 'groups: []' }])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
