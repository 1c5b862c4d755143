import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { composeSchemas } from '../../../src/compose/load/schema.ts'
import { loadComposeSchemas } from '../../../src/lib/load-schemas.ts'
import { readRecord, stacksOf } from './folder.ts'
import { judge } from './judge.ts'

const CORPUS = process.env.SWARMKEEPER_CORPUS ?? '../shared/data'
const FOLDER = join(CORPUS, 'stacks')
const stacks = existsSync(FOLDER) ? stacksOf(FOLDER, {}) : []

describe.skipIf(stacks.length === 0)('stack files that people deploy (needs SWARMKEEPER_CORPUS)', () => {
  const schemas = composeSchemas(loadComposeSchemas())
  it.each(stacks)('$name', (stack) => {
    const record = readRecord(join(CORPUS, 'stacks.expected'), stack.name)
    if (!record) throw new Error(`${stack.name} was not recorded`)
    expect(judge(stack, record, { schemas, folder: FOLDER })).toMatchObject({
      accept: [],
      model: [],
      services: [],
      networks: [],
    })
  })
})
