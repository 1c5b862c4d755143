import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Content, or a crafted entry: its mode, and the object id or content it points at. */
export type WorldFile =
  | string
  | Buffer
  | { readonly mode: string; readonly content: string }
  | { readonly mode: string; readonly oid: string }
export type WorldFiles = Readonly<Record<string, WorldFile>>

export interface WorldCommit {
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
  rawTree(entries: readonly { readonly mode: string; readonly name: string; readonly oid: string }[]): string
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

  const tip = (branch: string) => git(['for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`])
  const commitTree = (tree: string, { branch = 'main', parents = [tip(branch)] }: WorldCommit = {}) => {
    const words = parents.filter((parent) => parent !== '').flatMap((parent) => ['-p', parent])
    // The count keeps commits of one tree apart.
    const message = `commit ${git(['count-objects']).split(' ')[0]}`
    const commit = git(['commit-tree', tree, ...words, '-m', message])
    git(['update-ref', `refs/heads/${branch}`, commit])
    return commit
  }
  const rawTree: GitWorld['rawTree'] = (entries) => {
    const bytes = entries.map(({ mode, name: entry, oid }) =>
      Buffer.concat([Buffer.from(`${mode} ${entry}\0`), Buffer.from(oid, 'hex')]),
    )
    return git(['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], Buffer.concat(bytes))
  }
  const treeOf = (files: WorldFiles): string => {
    const folders = new Map<string, Record<string, WorldFile>>()
    const lines: string[] = []
    for (const [path, file] of Object.entries(files)) {
      const slash = path.indexOf('/')
      if (slash < 0) lines.push(lineOf(path, file))
      else folders.set(path.slice(0, slash), { ...folders.get(path.slice(0, slash)), [path.slice(slash + 1)]: file })
    }
    for (const [folder, below] of folders) lines.push(`040000 tree ${treeOf(below)}\t${folder}`)
    return git(['mktree', '-z', '--missing'], lines.map((line) => `${line}\0`).join(''))
  }
  const lineOf = (name: string, file: WorldFile): string => {
    if (typeof file === 'string' || Buffer.isBuffer(file)) return `100644 blob ${blob(file)}\t${name}`
    if ('content' in file) return `${file.mode} blob ${blob(file.content)}\t${name}`
    return `${file.mode} ${file.mode === '160000' ? 'commit' : 'blob'} ${file.oid}\t${name}`
  }
  return {
    root,
    repository,
    name,
    git,
    blob,
    rawTree,
    commitTree,
    commit: (files, options) => commitTree(treeOf(files), options),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}
