import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Content, or a crafted entry: its mode, and the object id or content it points at. */
type WorldFile =
  | string
  | Buffer
  | { readonly mode: string; readonly content: string }
  | { readonly mode: string; readonly oid: string }
type WorldFiles = Readonly<Record<string, WorldFile>>

/** An entry of a tree as bytes: any mode, any name. */
export interface RawEntry {
  readonly mode: string
  readonly name: string | Buffer
  readonly oid: string
}

interface WorldCommit {
  readonly branch?: string
  /** Default: the branch's tip. */
  readonly parents?: readonly string[]
}

/** A bare repository on disk, written object by object: no work tree, so that any tree can be made. */
export interface GitWorld {
  readonly root: string
  readonly repository: string
  readonly name: string
  commit(files: WorldFiles, options?: WorldCommit): string
  /** A commit of a tree that `git mktree` would refuse, from its raw bytes. */
  commitTree(tree: string, options?: WorldCommit): string
  rawTree(entries: readonly RawEntry[]): string
  /** Moves the main branch, as a forced push does. */
  reset(commit: string): void
  blob(content: string | Buffer): string
  git(words: readonly string[], input?: string | Buffer): string
  remove(): void
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.test',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.test',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
}

export function createGitWorld(name = 'site.git'): GitWorld {
  const root = mkdtempSync(join(tmpdir(), 'swarmkeeper-git-'))
  const repository = join(root, name)
  const env = { PATH: '/usr/bin:/bin', HOME: root, GIT_CONFIG_NOSYSTEM: '1', ...IDENTITY }
  const run = (words: readonly string[], input?: string | Buffer) =>
    execFileSync('git', [...words], { env, cwd: root, ...(input === undefined ? {} : { input }), maxBuffer: 1 << 28 })
  run(['init', '--quiet', '--bare', '--initial-branch=main', repository])
  const git = (words: readonly string[], input?: string | Buffer) =>
    run(['--git-dir', repository, ...words], input)
      .toString('utf8')
      .trim()
  const blob = (content: string | Buffer) => git(['hash-object', '-w', '--stdin'], content)

  /** Where branches stand, and a time that no two commits share. */
  const tips = new Map<string, string>()
  let seconds = 1_767_225_600

  const commitTree = (tree: string, { branch = 'main', parents = parentsOf(branch) }: WorldCommit = {}) => {
    const words = parents.flatMap((parent) => ['-p', parent])
    const commit = git(['commit-tree', tree, ...words, '-m', `commit ${seconds++}`])
    moveTo(branch, commit)
    return commit
  }
  const parentsOf = (branch: string) => [tips.get(branch) ?? []].flat()
  const moveTo = (branch: string, commit: string) => {
    git(['update-ref', `refs/heads/${branch}`, commit])
    tips.set(branch, commit)
  }
  /** One process for a commit, however many files. */
  const commit: GitWorld['commit'] = (files, { branch = 'main', parents = parentsOf(branch) } = {}) => {
    const head = [`commit refs/heads/${branch}`, 'mark :1', `committer a <a@example.test> ${seconds++} +0000`, 'data 0']
    const [from, ...merged] = parents
    const links = [...(from === undefined ? [] : [`from ${from}`]), ...merged.map((parent) => `merge ${parent}`)]
    const parts = Object.entries(files).map(([path, file]) => importLine(path, file))
    const script = [[...head, ...links, 'deleteall', ''].join('\n'), ...parts, 'get-mark :1\n'].map((part) =>
      Buffer.from(part),
    )
    const made = git(['fast-import', '--quiet', '--force'], Buffer.concat(script))
    tips.set(branch, made)
    return made
  }
  const rawTree: GitWorld['rawTree'] = (entries) => {
    const bytes = entries.map(({ mode, name: entry, oid }) =>
      Buffer.concat([Buffer.from(`${mode} `), Buffer.from(entry), Buffer.from([0]), Buffer.from(oid, 'hex')]),
    )
    return git(['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], Buffer.concat(bytes))
  }
  return {
    root,
    repository,
    name,
    git,
    blob,
    rawTree,
    commitTree,
    commit,
    reset: (to) => moveTo('main', to),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

function importLine(path: string, file: WorldFile): Buffer {
  if (!(typeof file === 'string' || Buffer.isBuffer(file)) && 'oid' in file) {
    return Buffer.from(`M ${file.mode} ${file.oid} ${path}\n`)
  }
  const plain = typeof file === 'string' || Buffer.isBuffer(file)
  const content = Buffer.from(plain ? file : file.content)
  const head = Buffer.from(`M ${plain ? '100644' : file.mode} inline ${path}\ndata ${content.length}\n`)
  return Buffer.concat([head, content, Buffer.from('\n')])
}
