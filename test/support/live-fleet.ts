import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { ApplyOptions, Engine } from '../../src/model/engine.ts'
import type { EngineEvent } from '../../src/model/events.ts'
import type { AppOutcome, FleetOutcome } from '../../src/model/outcome.ts'
import { formatProblem } from '../../src/model/problem.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import type { Settings } from '../../src/settings/settings.ts'
import type { requireLab } from '../lab/lab.mjs'

type Lab = Awaited<ReturnType<typeof requireLab>>
type Repository = Awaited<ReturnType<Lab['git']['create']>>

/** A config repository on the lab's git server, a database of its own, and the program as a library. */
export interface LiveFleet {
  readonly repository: Repository
  readonly engine: Engine
  readonly events: EngineEvent[]
  readonly directory: string
  readonly settings: Settings
  commit(files: Readonly<Record<string, string | null>>): Promise<string>
  apply(options?: Partial<ApplyOptions>): Promise<FleetOutcome>
  app(outcome: FleetOutcome, name: string): AppOutcome
  /** Another process: closes this engine and opens one on the same database, or on none. */
  restart(how?: { readonly withoutDatabase?: boolean }): Promise<void>
  dispose(): Promise<void>
}

const KEY = 'e9a4505e744abc431d7e6260de9e4b0c3cf60e68af1f3d812d74f6db8a9d6047'

export const ask = (): { readonly signal: AbortSignal; readonly by: string } => ({
  signal: new AbortController().signal,
  by: 'test',
})

export interface LiveFleetOptions {
  readonly install?: string
  /** More lines of the settings file. */
  readonly settings?: string
  readonly endpoint?: string
}

export async function createLiveFleet(lab: Lab, name: string, options: LiveFleetOptions = {}): Promise<LiveFleet> {
  const repository = await lab.git.create(name)
  const directory = mkdtempSync(join(tmpdir(), `swarmkeeper-test-${name}-`))
  const events: EngineEvent[] = []
  let database = 1
  const settingsNow = (): Settings => settingsFor({ lab, name, options, directory, repository, database })
  const open = (): Engine =>
    createApp(settingsNow(), { clock: createRealClock(), emit: (event) => events.push(event), warn: () => {} })
  let engine = open()
  const target = `kind: Swarm\nname: prod\nendpoints: ["${options.endpoint ?? lab.dockerHost}"]\n`
  await repository.commit({ 'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n', 'targets/prod.yaml': target })
  return {
    repository,
    directory,
    events,
    get engine() {
      return engine
    },
    get settings() {
      return settingsNow()
    },
    commit: (files) => repository.commit(files),
    apply: (asked = {}) => engine.apply({ ...ask(), ...asked }),
    app: (outcome, app) => {
      const found = outcome.apps.find((one) => one.app === app)
      if (!found) throw new Error(`no outcome of ${app}: ${outcome.problems.map(formatProblem).join('\n')}`)
      return found
    },
    restart: async ({ withoutDatabase = false } = {}) => {
      await engine.dispose()
      if (withoutDatabase) database += 1
      engine = open()
    },
    dispose: async () => {
      await engine.dispose()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function settingsFor(of: {
  readonly lab: Lab
  readonly name: string
  readonly options: LiveFleetOptions
  readonly directory: string
  readonly repository: Repository
  readonly database: number
}): Settings {
  const lines = [
    `install: ${of.options.install ?? of.name}`,
    `key: { value: "${KEY}" }`,
    `repository: { url: "${of.repository.url}", branch: main }`,
    `database: ${join(of.directory, `db-${of.database}`, 'swarmkeeper.db')}`,
    `allowedAddresses: ["${of.lab.address}"]`,
    of.options.settings ?? '',
  ]
  const loaded = loadSettings({ text: lines.join('\n'), env: {} })
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.settings
}
