import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createBinaryClone } from './binary-clone.ts'
import { createScrub, type Scrub } from './credential.ts'
import type { GitAddress } from './git-address.ts'
import { gitEnvironment } from './git-environment.ts'
import { createGitHttp } from './git-http.ts'
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, type GitSourceOptions, invalid } from './git-options.ts'
import { GitFailed, type GitProgram, runGit } from './git-process.ts'
import type { CloneEngine } from './kept-clone.ts'
import { listBinaryRefs, listHttpRefs, type RefList } from './list-refs.ts'
import { unreachable } from './source-error.ts'
import { within } from './within.ts'

/** How refs are listed and a clone is kept, by what the address is and what is installed. */
export interface Transport {
  readonly engine: 'git' | 'isomorphic'
  readonly clones: CloneEngine
  list(asked: readonly string[], signal: AbortSignal): Promise<RefList>
}

/** GIT_CONFIG_COUNT, which carries the credential, came with this version. */
const OLDEST_GIT = [2, 31] as const

export async function createTransport(address: GitAddress, options: GitSourceOptions): Promise<Transport> {
  const scrub = createScrub(options.auth)
  await mkdir(options.directory, { recursive: true, mode: 0o700 })
  const environment = { ...gitEnvironment(address, options), ...(await trustOf(address, options)) }
  const program = { environment, directory: options.directory, scrub }
  const version = options.gitBinary === 'never' ? undefined : await gitVersion(program)
  const overHttp = address.scheme === 'http' || address.scheme === 'https'
  if (version === undefined && !overHttp) throw needsGit(address, options)
  const http = httpFor(options, scrub)
  const timeoutMs = options.timeouts?.listMs ?? DEFAULT_TIMEOUTS.listMs
  const listHttp = (asked: readonly string[], signal: AbortSignal) =>
    within({ doing: 'listing the refs', signal, timeoutMs }, (cut) => listHttpRefs(http(cut), address.url, asked))
  const listProgram = (asked: readonly string[], signal: AbortSignal) =>
    reported(listBinaryRefs({ program, url: address.url, signal, timeoutMs }, asked))
  return {
    engine: version === undefined ? 'isomorphic' : 'git',
    clones:
      version === undefined ? await isomorphicClones(address, options, http) : binaryClones(address, options, program),
    list: overHttp ? listHttp : listProgram,
  }
}

type HttpFor = (signal: AbortSignal) => ReturnType<typeof createGitHttp>

function httpFor(options: GitSourceOptions, scrub: Scrub): HttpFor {
  const answerBytes = options.limits?.answerBytes ?? DEFAULT_LIMITS.answerBytes
  return (signal) => createGitHttp({ auth: options.auth, caFile: options.caFile, scrub, answerBytes, signal })
}

const measuresOf = (options: GitSourceOptions) => ({
  limits: { ...DEFAULT_LIMITS, ...options.limits },
  timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
})

/** A large library, which only who has no git program waits for. */
async function isomorphicClones({ url }: GitAddress, options: GitSourceOptions, http: HttpFor): Promise<CloneEngine> {
  const { createIsomorphicClone, initIsomorphic } = await import('./isomorphic-clone.ts')
  return {
    open: (gitDirectory) => createIsomorphicClone({ gitDirectory, url, http, ...measuresOf(options) }),
    init: initIsomorphic,
  }
}

function binaryClones({ url }: GitAddress, options: GitSourceOptions, program: GitProgram): CloneEngine {
  const measures = measuresOf(options)
  return {
    open: (gitDirectory) => createBinaryClone({ gitDirectory, url, program, ...measures }),
    init: async (folder, signal) => {
      const words = ['init', '--quiet', '--bare', '--template=', '--initial-branch=none', folder]
      await runGit(program, { words, doing: 'making a clone', signal, timeoutMs: measures.timeouts.localMs })
    },
  }
}

/**
 * Git serves a folder of another user only where a configuration file trusts it, and takes that from no variable. A
 * `file://` repository is the operator's own, so this one folder is trusted.
 */
async function trustOf({ folder }: GitAddress, options: GitSourceOptions): Promise<Readonly<Record<string, string>>> {
  if (folder === undefined) return {}
  const file = join(options.directory, 'gitconfig')
  const quoted = folder.replace(/["\\]/g, '\\$&')
  await writeFile(file, `[safe]\n\tdirectory = "${quoted}"\n\tdirectory = "${quoted}/.git"\n`, { mode: 0o600 })
  return { GIT_CONFIG_GLOBAL: file }
}

/** The first numbers of git's version; undefined where it is not installed, or too old to be given a credential safely. */
async function gitVersion(program: GitProgram): Promise<string | undefined> {
  try {
    const call = {
      words: ['--version'],
      doing: 'looking for git',
      signal: new AbortController().signal,
      timeoutMs: 10_000,
    }
    const text = (await runGit(program, call)).stdout.toString('utf8')
    const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number)
    const old = major < OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor < OLDEST_GIT[1])
    return old ? undefined : `${major}.${minor}`
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function needsGit({ scheme }: GitAddress, { gitBinary }: GitSourceOptions): Error {
  const why = gitBinary === 'never' ? 'which the settings forbid' : 'which is not installed, or older than 2.31'
  return invalid(`a repository by ${scheme} needs the git program, ${why}`, 'install git, or use an https:// address')
}

async function reported<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof GitFailed ? unreachable(error.message, { cause: error }) : error
  }
}
