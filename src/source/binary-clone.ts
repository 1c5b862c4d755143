import { createBatchReader } from './batch-reader.ts'
import { type Clone, type FetchOptions, hasShallowCommits } from './clone.ts'
import type { SourceLimits, SourceTimeouts } from './git-options.ts'
import { type GitAnswer, type GitCall, GitFailed, type GitProgram, OutputTooLarge, runGit } from './git-process.ts'
import { tooManyFiles } from './source-error.ts'
import type { TreeEntry } from './tree-entry.ts'

export interface BinaryCloneOptions {
  readonly gitDirectory: string
  readonly url: string
  readonly program: GitProgram
  readonly limits: SourceLimits
  readonly timeouts: SourceTimeouts
}

/** Mode, type, object id, padded size and separators of a line of `ls-tree -l`. */
const LINE_BYTES = 70
/** Names of files in conflict. */
const MERGE_BYTES = 16 * 1024 * 1024
/** More than any repository has: git takes it for "everything". */
const WHOLE_HISTORY = 2_147_483_647

/** A clone through git's plumbing commands. */
export function createBinaryClone(options: BinaryCloneOptions): Clone {
  const { gitDirectory, program, timeouts } = options
  const here = ['--git-dir', gitDirectory]
  const reader = createBatchReader(program, [...here, 'cat-file', '--batch'], timeouts.localMs)
  const run = (call: Omit<GitCall, 'timeoutMs'>): Promise<GitAnswer> =>
    runGit(program, { timeoutMs: timeouts.localMs, ...call, words: [...here, ...call.words] })
  const parse = async (name: string, signal: AbortSignal) => {
    const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', name]
    const answer = await run({ words, doing: 'looking up a revision', signal, answers: [0, 1, 128] })
    return answer.exitCode === 0 ? answer.stdout.toString('latin1').trim() : undefined
  }

  /** Commits that were found in it: they stay, and asking git costs a process. */
  const present = new Set<string>()
  const parsed = async (name: string, signal: AbortSignal) => {
    const oid = await parse(name, signal)
    if (oid === undefined) throw new GitFailed(`${name} is not in the clone`)
    return oid
  }

  return {
    fetch: (fetched) => fetchRefs(options, fetched),
    ref: (name, { signal }) => parse(name, signal),
    commit: async (oid, { signal }) => {
      if (present.has(oid)) return oid
      const found = await parse(`${oid}^{commit}`, signal)
      if (found === oid) present.add(oid)
      return found
    },
    at: async (commit, path, { signal }) => {
      if (path === '') return { oid: await parsed(`${commit}^{tree}`, signal), type: 'tree' }
      const words = ['ls-tree', '-z', commit, '--', path]
      const [entry] = parseTreeListing((await run({ words, doing: 'finding a path', signal })).stdout)
      return entry && { oid: entry.oid, type: entry.mode === '40000' ? 'tree' : 'other' }
    },
    list: async (tree, { signal }) => {
      const { files, pathBytes } = options.limits
      const outputBytes = 2 * files * LINE_BYTES + pathBytes
      const call = { words: ['ls-tree', '-r', '-t', '-z', '-l', tree], doing: 'listing a tree', signal, outputBytes }
      try {
        return parseTreeListing((await run(call)).stdout)
      } catch (error) {
        throw error instanceof OutputTooLarge ? tooManyFiles(options.limits) : error
      }
    },
    blob: reader.read,
    isAncestor: async (ancestor, commit, { signal }) => {
      const words = ['merge-base', '--is-ancestor', ancestor, commit]
      return (await run({ words, doing: 'reading the history', signal, answers: [0, 1] })).exitCode === 0
    },
    merge: async ({ into, from }, { signal }) => {
      const base = ['merge-base', '--', into, from]
      const common = await run({ words: base, doing: 'reading the history', signal, answers: [0, 1] })
      if (common.exitCode === 1) return 'unrelated'
      const words = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', '--', into, from]
      const merged = await run({ words, doing: 'merging', signal, answers: [0, 1], outputBytes: MERGE_BYTES })
      const [tree = '', ...paths] = merged.stdout.toString('utf8').split('\0')
      return merged.exitCode === 0 ? { tree } : { conflicts: paths.filter((path) => path !== '') }
    },
    firstParents: async ({ from, before, limit }, { signal }) => {
      const words = ['rev-list', '--first-parent', `--max-count=${limit}`, from, `^${before}`]
      const answer = await run({ words, doing: 'reading the history', signal })
      return answer.stdout
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '')
    },
    isCutOff: () => hasShallowCommits(gitDirectory),
    close: async () => reader.close(),
  }
}

async function fetchRefs(options: BinaryCloneOptions, { refs, history, signal }: FetchOptions): Promise<void> {
  const { gitDirectory, url, program, timeouts } = options
  const specs = (refs === 'all' ? ['refs/heads/*', 'refs/tags/*'] : refs).map((ref) => `+${ref}:${ref}`)
  // Only where something is cut off: git fails on a repository without refs when it is told a depth.
  const whole = history === 'all' && (await hasShallowCommits(gitDirectory)) ? [`--depth=${WHOLE_HISTORY}`] : []
  const depth = history === 'tip' ? ['--depth=1'] : whole
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--update-shallow']
  const words = ['--git-dir', gitDirectory, 'fetch', ...quiet, ...depth, '--', url, ...specs]
  await runGit(program, { words, doing: 'fetching', signal, timeoutMs: timeouts.fetchMs })
}

/** `<mode> SP <type> SP <oid> SP <size, padded, - where there is none> TAB <path> NUL`, many times. */
function parseTreeListing(output: Buffer): readonly TreeEntry[] {
  const lines = output.toString('utf8').split('\0')
  return lines.flatMap((line) => {
    const tab = line.indexOf('\t')
    const [mode = '', , oid = '', size = ''] = line.slice(0, tab).split(/ +/)
    const entry = { path: line.slice(tab + 1), mode: mode.replace(/^0/, ''), oid, size: Number.parseInt(size, 10) || 0 }
    return tab < 0 ? [] : [entry]
  })
}
