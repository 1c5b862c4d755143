import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createApp } from '../../src/app.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { ApplyOptions, Engine } from '../../src/model/engine.ts'
import type { EngineEvent } from '../../src/model/events.ts'
import type { AppOutcome, FleetOutcome } from '../../src/model/outcome.ts'
import { formatProblem } from '../../src/model/problem.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import type { Lab } from '../lab/lab.mjs'

type Repository = Awaited<ReturnType<Lab['git']['create']>>

/** A document as a test writes it. */
export type WrittenDocument = Readonly<Record<string, unknown>> & { readonly kind: string }

/** A file of the repository: its text, its documents, or null, which takes it away. */
export type WrittenFile = string | WrittenDocument | readonly WrittenDocument[] | null

/** A config repository on the lab's git server, a database of its own, and the program as a library. */
export interface LiveFleet {
  readonly repository: Repository
  readonly engine: Engine
  readonly events: EngineEvent[]
  readonly directory: string
  /** For a process of its own: the settings file of this fleet, at its present database. */
  readonly settingsFile: string
  readonly database: string
  commit(files: Readonly<Record<string, WrittenFile>>): Promise<string>
  /** Files as their texts, for a commit to another branch. */
  texts(files: Readonly<Record<string, WrittenFile>>): Record<string, string | null>
  /** A forced push: these files, and those of fleet and target, without any history. */
  rewrite(files: Readonly<Record<string, WrittenFile>>): Promise<string>
  apply(options?: Partial<ApplyOptions>): Promise<FleetOutcome>
  app(outcome: FleetOutcome, name: string): AppOutcome
  /** Commits, applies, and says what became of one app. */
  ship(app: string, files: Readonly<Record<string, WrittenFile>>): Promise<AppOutcome>
  /** Applies, and says what became of one app. */
  reconcile(app: string, options?: Partial<ApplyOptions>): Promise<AppOutcome>
  /** Another process: closes this engine and opens one on the same database, or on none and in an empty folder. */
  restart(how?: { readonly withoutDatabase?: boolean }): Promise<void>
  /** The same install on a second machine, with a database of its own; the caller disposes of it. */
  elsewhere(): Engine
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
  /** More addresses that checks and artifacts may reach. */
  readonly allowed?: readonly string[]
  readonly endpoint?: string
  /** More fields of the `Swarm` document, and in place of its endpoint. */
  readonly target?: Readonly<Record<string, unknown>>
  /** Files of other targets than the lab's Swarm. */
  readonly targets?: Readonly<Record<string, WrittenFile>>
  /** More fields of the `Fleet` document. */
  readonly fleet?: Readonly<Record<string, unknown>>
}

/** What a fleet needs of a lab. */
export interface Ground {
  readonly address: string
  readonly dockerHost?: string
  readonly git: { create(name: string): Promise<Repository> }
}

export async function createLiveFleet(lab: Ground, name: string, options: LiveFleetOptions = {}): Promise<LiveFleet> {
  const repository = await lab.git.create(name)
  const directory = mkdtempSync(join(tmpdir(), `swarmkeeper-test-${name}-`))
  const settingsFile = join(directory, 'swarmkeeper.config.yaml')
  const events: EngineEvent[] = []
  let number = 1
  const database = (): string => join(directory, `machine-${number}`, 'swarmkeeper.db')
  const open = (at = database(), file = settingsFile): Engine => {
    writeFileSync(file, settingsText({ lab, name, options, repository, database: at }), { mode: 0o600 })
    const loaded = loadSettings({ file, env: {} })
    if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
    return createApp(loaded.settings, {
      clock: createRealClock(),
      emit: (event) => events.push(event),
      warn: () => {},
      fetch,
    })
  }
  let engine = open()
  const swarm = options.targets ?? { 'targets/prod.yaml': swarmDocument(lab, options) }
  const base = textsOf({ 'swarmkeeper.yaml': { kind: 'Fleet', version: 1, ...options.fleet }, ...swarm })
  await repository.commit(base)
  const fleet: LiveFleet = {
    repository,
    directory,
    events,
    settingsFile,
    get database() {
      return database()
    },
    get engine() {
      return engine
    },
    commit: (files) => repository.commit(textsOf(files)),
    texts: textsOf,
    rewrite: (files) => repository.commit({ ...base, ...textsOf(files) }, { orphan: true, replaceAll: true }),
    apply: (asked = {}) => engine.apply({ ...ask(), ...asked }),
    app: (outcome, app) => {
      const found = outcome.apps.find((one) => one.app === app)
      if (!found) throw new Error(`no outcome of ${app}: ${outcome.problems.map(formatProblem).join('\n')}`)
      return found
    },
    ship: async (app, files) => {
      await fleet.commit(files)
      return fleet.reconcile(app)
    },
    reconcile: async (app, asked) => fleet.app(await fleet.apply(asked), app),
    restart: async ({ withoutDatabase = false } = {}) => {
      await engine.dispose()
      if (withoutDatabase) number += 1
      engine = open()
    },
    elsewhere: () => open(join(directory, 'elsewhere', 'swarmkeeper.db'), join(directory, 'elsewhere.config.yaml')),
    dispose: async () => {
      await engine.dispose()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return fleet
}

const swarmDocument = (
  { dockerHost }: Ground,
  { endpoint = dockerHost, target }: LiveFleetOptions,
): WrittenDocument => ({
  kind: 'Swarm',
  name: 'prod',
  endpoints: [endpoint],
  ...target,
})

const textsOf = (files: Readonly<Record<string, WrittenFile>>): Record<string, string | null> =>
  Object.fromEntries(Object.entries(files).map(([path, file]) => [path, textOf(file)]))

function textOf(file: WrittenFile): string | null {
  if (file === null || typeof file === 'string') return file
  const documents = Array.isArray(file) ? file : [file]
  return documents.map((document) => stringify(document)).join('---\n')
}

function settingsText(of: {
  readonly lab: Ground
  readonly name: string
  readonly options: LiveFleetOptions
  readonly repository: Repository
  readonly database: string
}): string {
  const lines = [
    `install: ${of.options.install ?? of.name}`,
    `key: { value: "${KEY}" }`,
    `repository: { url: "${of.repository.url}", branch: main }`,
    `database: ${of.database}`,
    `allowedAddresses: ${JSON.stringify([of.lab.address, ...(of.options.allowed ?? [])])}`,
    ...(of.options.settings === undefined ? [] : [of.options.settings]),
  ]
  return lines.join('\n')
}
