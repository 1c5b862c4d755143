import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { Engine } from '../../src/model/engine.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { createMemorySource } from '../../src/source/memory.ts'
import { createSqliteStore } from '../../src/store/sqlite.ts'
import { createFakeClock } from '../support/fake-clock.ts'

const KEY = 'e9a4505e744abc431d7e6260de9e4b0c3cf60e68af1f3d812d74f6db8a9d6047'
const ask = { signal: new AbortController().signal, by: 'ana', limit: 5 }
let directory: string
let engine: Engine

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-history-'))
  const file = join(directory, 'swarmkeeper.config.yaml')
  const path = join(directory, 'db.sqlite')
  writeFileSync(file, `install: test\nrepository: { url: "https://git.example/fleet.git" }\ndatabase: ${path}\n`)
  const loaded = loadSettings({ file, env: { SWARMKEEPER_KEY: KEY } })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const clock = createFakeClock()
  const store = await createSqliteStore({ path, lockWaitMs: 0, signal: ask.signal, clock, warn: () => {} })
  store.putApp({ app: 'hello', failures: 0, restarts: {} })
  store.addHistory({ at: '2026-03-01T00:00:00Z', app: 'hello', revision: '', what: 'proven', message: 'good' })
  store.close()
  engine = createApp(loaded.settings, { clock, emit: () => {}, warn: () => {}, fetch, source: createMemorySource({}) })
})

afterEach(async () => {
  await engine.dispose()
  rmSync(directory, { recursive: true })
})

it('the history of a misspelt app is a mistake, not an empty history', async () => {
  await expect(engine.history({ ...ask, app: 'helo' })).rejects.toMatchObject({
    reason: 'NotFound',
    message: "nothing was done to an app 'helo'; did you mean 'hello'?",
    todo: 'something was done to: hello',
  })
  expect(await engine.history({ ...ask, app: 'hello' })).toMatchObject([{ message: 'good' }])
})

it('a freeze stands in the history of the fleet', async () => {
  await engine.freeze({ ...ask, reason: 'the racks move' })
  expect((await engine.history(ask))[0]).toMatchObject({ app: '', message: 'frozen: the racks move', by: 'ana' })
})
