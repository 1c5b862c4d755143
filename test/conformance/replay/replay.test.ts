import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeSchemas } from '../../../src/compose/load/schema.ts'
import { loadComposeSchemas } from '../../../src/lib/load-schemas.ts'
import { dockerStackPossible } from '../../support/docker-stack.ts'
import { type ReplayResult, replay } from './replay.ts'
import { makeSeededRepository } from './seeded.ts'

const FILES: Readonly<Record<string, string>> = {
  'shop.yml': [
    'version: "3.8"',
    'services:',
    '  web:',
    '    image: nginx:1.27',
    '    configs: [{source: site, target: /etc/nginx/conf.d/site.conf}]',
    '  api:',
    '    image: registry.example/api:1',
    '    environment:',
    '      MODE: fast',
    '  db:',
    '    image: postgres:16',
    '    secrets: [password]',
    '    volumes: ["rows:/var/lib/postgresql/data"]',
    'configs: {site: {file: files/site.conf}}',
    'secrets: {password: {file: files/password.txt}}',
    'volumes: {rows: {}}',
    '',
  ].join('\n'),
}

describe.skipIf(!dockerStackPossible())('replay of a history (needs the docker CLI)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-replay-test-'))
  const cache = join(folder, 'cache')
  const said: string[] = []
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (): Promise<ReplayResult> =>
    replay({
      repository: join(folder, 'history.git'),
      pattern: 'stacks/**/*.yml',
      variables: {},
      cache,
      parallel: 2,
      schemas: composeSchemas(loadComposeSchemas()),
      print: (line) => said.push(line),
    })

  beforeAll(() => {
    const stacks = join(folder, 'stacks')
    mkdirSync(join(stacks, 'files'), { recursive: true })
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(stacks, name), text)
    writeFileSync(join(stacks, 'files/site.conf'), 'listen 80;\n')
    writeFileSync(join(stacks, 'files/password.txt'), 'first\n')
    const repository = join(folder, 'history.git')
    makeSeededRepository({ seed: 3, commits: 24, each: 1, stacks, repository })
  }, 60_000)

  it('touches what the docker CLI would send differently, and nothing else', async () => {
    const result = await run()
    expect(said.filter((line) => /false:|missed:|not read/.test(line))).toEqual([])
    expect(result).toMatchObject({ false: 0, missed: 0 })
    expect(result.pairs).toBeGreaterThan(12)
    expect(result.changed).toBeGreaterThan(12)
  })

  it('knows recordings again, and sees where one tells of something else', async () => {
    said.length = 0
    const files = readdirSync(cache).filter((name) => name.endsWith('.json'))
    expect(files.length).toBeGreaterThan(12)
    // One version is said to have had another environment: the plans to it and from it must be called wrong.
    const spoilt = files.find((name) => readFileSync(join(cache, name), 'utf8').includes('MODE=fast')) ?? ''
    expect(existsSync(join(cache, spoilt))).toBe(true)
    writeFileSync(join(cache, spoilt), readFileSync(join(cache, spoilt), 'utf8').replaceAll('MODE=fast', 'MODE=slow'))
    const result = await run()
    expect(said[1]).toMatch(/^0 versions recorded/)
    expect(result.missed).toBeGreaterThan(0)
    expect(said.find((line) => line.includes('missed: st_api'))).toMatch(/Env.*from "MODE=.*" to "MODE=.*"/)
  })
})
