import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { Engine } from '../../src/model/engine.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { createMemorySource } from '../../src/source/memory.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { lines } from './counted.ts'

const KEY = 'e9a4505e744abc431d7e6260de9e4b0c3cf60e68af1f3d812d74f6db8a9d6047'
const ask = { signal: new AbortController().signal, by: 'test' }

describe('an app whose settings name a folder of the repository', () => {
  let directory: string
  let engine: Engine
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-root-'))
    engine = openApp(directory)
  })
  afterEach(async () => {
    await engine.dispose()
    rmSync(directory, { recursive: true })
  })

  it('finds its documents there, and their bases anywhere in the repository', async () => {
    const desired = await engine.desired(ask)
    expect(lines(desired)).toEqual([])
    expect(desired.apps.get('web')?.wanted[0]).toMatchObject({
      spec: { replicas: 3 },
      origin: { path: 'envs/prod/apps/web/web.yaml' },
    })
  })

  it('takes a folder that a person gives as it is: that one has no environments', async () => {
    const from = join(directory, 'given')
    mkdirSync(join(from, 'apps/web'), { recursive: true })
    writeFileSync(join(from, 'swarmkeeper.yaml'), 'kind: Fleet\nversion: 1\n')
    writeFileSync(join(from, 'apps/web/web.yaml'), 'kind: Nonsense\n')
    // Its app is found, and refused: nothing is asked of a Swarm.
    await expect(engine.apply({ ...ask, from })).rejects.toThrow(`web in ${from} cannot be read`)
  })
})

function openApp(directory: string): Engine {
  const file = join(directory, 'swarmkeeper.config.yaml')
  const repository = 'repository: { url: "https://git.example/fleet.git", path: envs/prod }'
  writeFileSync(file, `install: test\n${repository}\ndatabase: ${join(directory, 'db.sqlite')}\n`)
  const loaded = loadSettings({ file, env: { SWARMKEEPER_KEY: KEY } })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const source = createMemorySource({
    'base/web.yaml': 'kind: Service\nname: web\nimage: hello:1\n',
    'envs/prod/swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
    'envs/prod/targets/prod.yaml': 'kind: Swarm\nname: prod\nendpoints: [unix:///nowhere/docker.sock]\n',
    'envs/prod/apps/web/web.yaml': 'extends: ../../../../base/web.yaml\nreplicas: 3\n',
  })
  return createApp(loaded.settings, { clock: createFakeClock(), emit: () => {}, warn: () => {}, fetch, source })
}
