import { execFileSync } from 'node:child_process'

/** A commit and what it did to files, against its first parent. */
export interface Commit {
  readonly id: string
  readonly changes: readonly FileChange[]
}

export interface FileChange {
  readonly path: string
  /** Where the file was before, of a renamed one. */
  readonly from?: string
  /** Undefined: it was removed, or is no plain file any more. */
  readonly oid: string | undefined
}

export interface Repository {
  /** Oldest first. */
  readonly commits: readonly Commit[]
  /** Content by object id, read all at once. */
  read(oids: readonly string[]): ReadonlyMap<string, Buffer>
}

/** The history of a repository's branch (HEAD, or the longest where HEAD names none), read by the git binary. */
export function openRepository(path: string): Repository {
  const git = (words: readonly string[], input = ''): Buffer =>
    execFileSync('git', ['-c', 'safe.directory=*', '-C', path, ...words], {
      input,
      maxBuffer: 1 << 30,
      // Of another repository, where this runs in a hook of one.
      env: { ...process.env, GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined },
    })
  return {
    commits: commitsOf(git),
    read: (oids) => {
      const found = new Map<string, Buffer>()
      for (let at = 0; at < oids.length; at += 2000) {
        const some = oids.slice(at, at + 2000)
        readBatch(git(['cat-file', '--batch'], some.map((oid) => `${oid}\n`).join('')), found)
      }
      return found
    },
  }
}

type Git = (words: readonly string[], input?: string) => Buffer

function commitsOf(git: Git): readonly Commit[] {
  const head = headOf(git)
  const lines = git(['rev-list', '--first-parent', '--parents', '--reverse', head]).toString('utf8').split('\n')
  // Of a merge, what it brought to the branch: against its first parent alone.
  const pairs = lines.map((line) => line.split(' ').slice(0, 2).join(' '))
  const words = ['diff-tree', '--stdin', '-r', '--root', '-M', '--raw', '-z', '--no-abbrev']
  return parseChanges(git(words, pairs.join('\n')).toString('utf8').split('\0'))
}

/** Of a bare repository HEAD may name a branch that was never pushed: then the longest one. */
function headOf(git: Git): string {
  const list = git(['for-each-ref', '--format=%(refname)', 'refs/heads']).toString('utf8')
  const branches = list.split('\n').filter((branch) => branch !== '')
  const name = git(['rev-parse', '--symbolic-full-name', 'HEAD']).toString('utf8').trim()
  if (branches.includes(name)) return name
  const counted = branches.map(
    (branch) => [Number(git(['rev-list', '--count', branch]).toString('utf8')), branch] as const,
  )
  const [longest] = counted.sort(([a], [b]) => b - a)
  if (!longest) throw new Error('the repository has no branch with commits')
  return isDetached(git) ? 'HEAD' : longest[1]
}

function isDetached(git: Git): boolean {
  try {
    return git(['symbolic-ref', '-q', 'HEAD']).length === 0
  } catch {
    return true // it says so by its exit code
  }
}

/** Modes of files; a link and a submodule are none. */
const PLAIN = /^100/

function parseChanges(tokens: readonly string[]): readonly Commit[] {
  const commits: { readonly id: string; readonly changes: FileChange[] }[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? ''
    if (!token.startsWith(':')) {
      if (token !== '') commits.push({ id: token, changes: [] })
      continue
    }
    const [, mode = '', , oid = '', status = ''] = token.split(' ')
    const moved = status.startsWith('R') || status.startsWith('C')
    const first = tokens[++at] ?? ''
    const path = moved ? (tokens[++at] ?? '') : first
    const there = PLAIN.test(mode) ? oid : undefined
    commits.at(-1)?.changes.push({ path, oid: there, ...(status.startsWith('R') ? { from: first } : {}) })
  }
  return commits
}

/** `<oid> blob <size>\n<content>\n`, one after the other. */
function readBatch(output: Buffer, into: Map<string, Buffer>): void {
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at)
    const [oid = '', type, size] = output.toString('utf8', at, end).split(' ')
    if (type !== 'blob') throw new Error(`git has no blob ${oid}: it says "${output.toString('utf8', at, end)}"`)
    const start = end + 1
    into.set(oid, output.subarray(start, start + Number(size)))
    at = start + Number(size) + 1
  }
}
