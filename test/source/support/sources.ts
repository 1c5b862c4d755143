import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Source } from '../../../src/model/source.ts'
import type { GitSourceOptions } from '../../../src/source/git-options.ts'
import { createGitSource } from '../../../src/source/git-source.ts'
import type { SourceWorld } from '../../conformance/source.ts'
import { type GitServer, startGitServer } from './git-server.ts'
import { createGitWorld, type GitWorld } from './git-world.ts'

/** The two ways over HTTP: every test of one runs with the other. */
export const ENGINES = ['auto', 'never'] as const
export type Engine = (typeof ENGINES)[number]

export const engineName = (engine: Engine) => (engine === 'auto' ? 'the git program' : 'isomorphic-git')

/** A repository, a server for it, and sources that keep their clones in one directory. */
export interface GitBench {
  readonly world: GitWorld
  readonly server: GitServer
  readonly directory: string
  source(options?: Partial<GitSourceOptions>): Source
  /** Folders of the clones that there are. */
  clones(): readonly string[]
  close(): Promise<void>
}

export async function createGitBench(engine: Engine): Promise<GitBench> {
  const world = createGitWorld()
  const server = await startGitServer(world.root)
  const directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-clone-'))
  const sources: Source[] = []
  return {
    world,
    server,
    directory,
    source: (options) => {
      const url = server.url(world.name)
      const source = createGitSource({ url, branch: 'main', directory, gitBinary: engine, ...options })
      sources.push(source)
      return source
    },
    clones: () => {
      const names = readdirSync(directory).filter((name) => /^(git|isomorphic)-/.test(name))
      return names.map((name) => join(directory, name))
    },
    close: async () => {
      for (const source of sources) await source.dispose()
      await server.close()
      world.remove()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export async function httpSourceWorld(engine: Engine): Promise<SourceWorld> {
  const bench = await createGitBench(engine)
  return {
    ...writingTo(bench.world),
    source: bench.source(),
    down: () => {
      bench.server.fault = { on: '', does: { status: 503 } }
    },
    up: () => {
      bench.server.fault = undefined
    },
    close: bench.close,
  }
}

export async function fileSourceWorld(): Promise<SourceWorld> {
  const world = createGitWorld()
  const directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-clone-'))
  const source = createGitSource({ url: `file://${world.repository}`, branch: 'main', directory })
  const away = `${world.repository}.away`
  return {
    ...writingTo(world),
    source,
    down: () => renameSync(world.repository, away),
    up: () => renameSync(away, world.repository),
    close: async () => {
      await source.dispose()
      world.remove()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function writingTo(world: GitWorld): Pick<SourceWorld, 'commit' | 'reset' | 'tag'> {
  return {
    commit: world.commit,
    reset: world.reset,
    tag: (name, commit) => void world.git(['tag', '-a', '-m', 'release', name, commit]),
  }
}
