import { posix } from 'node:path'
import type { FileChange, Repository } from './git.ts'

/** A stack file at a commit, with the files that it may mention. */
export interface StackVersion {
  readonly commit: string
  readonly path: string
  /** Path in the repository -> object id; the stack file among them. */
  readonly files: ReadonlyMap<string, string>
}

/** One stack file through its history, renames included. */
export interface StackHistory {
  /** What it was called last. */
  readonly path: string
  /** Oldest first; one differs from the next in the file itself, or in one that it mentions. */
  readonly versions: readonly StackVersion[]
}

/** Every version of every stack file that a matcher chooses. Which files one mentions is told by its text, not by any loader. */
export function historiesOf(repository: Repository, isStack: (path: string) => boolean): readonly StackHistory[] {
  const changes = repository.commits.flatMap((commit) => commit.changes)
  const oids = changes.flatMap(({ path, oid }) => (oid !== undefined && isStack(path) ? [oid] : []))
  const texts = repository.read([...new Set(oids)])
  const tree = new Map<string, string>()
  const chains = new Map<string, StackVersion[]>()
  for (const commit of repository.commits) {
    for (const change of commit.changes) step(change, tree)
    for (const change of commit.changes) follow(change, { chains, isStack })
    for (const [path, versions] of chains) {
      const text = texts.get(tree.get(path) ?? '')?.toString('utf8')
      if (text === undefined || !commit.changes.some((change) => concerns(change.path, { path, text }))) continue
      const version = { commit: commit.id, path, files: filesOf(path, text, tree) }
      const last = versions.at(-1)
      if (!last || keyOf(last) !== keyOf(version)) versions.push(version)
    }
  }
  return [...chains].map(([path, versions]) => ({ path, versions })).sort((a, b) => (a.path < b.path ? -1 : 1))
}

function step({ path, from, oid }: FileChange, tree: Map<string, string>): void {
  if (from !== undefined) tree.delete(from)
  if (oid === undefined) tree.delete(path)
  else tree.set(path, oid)
}

/** A renamed stack file keeps its history; one that comes again goes on where it ended. */
function follow(
  { path, from, oid }: FileChange,
  { chains, isStack }: { readonly chains: Map<string, StackVersion[]>; readonly isStack: (path: string) => boolean },
): void {
  if (oid === undefined || !isStack(path)) return
  const before = from === undefined ? undefined : chains.get(from)
  if (before && from !== undefined) chains.delete(from)
  if (!chains.has(path) || before) chains.set(path, before ?? [])
}

const concerns = (changed: string, stack: { readonly path: string; readonly text: string }): boolean =>
  changed === stack.path || mentions(stack, changed)

function filesOf(path: string, text: string, tree: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...tree].filter(([other]) => other === path || mentions({ path, text }, other)))
}

/** The name of a file stands in the text; or names of files are made of variables, and it is below the stack's folder. */
function mentions({ path, text }: { readonly path: string; readonly text: string }, other: string): boolean {
  if (text.includes(posix.basename(other))) return true
  const folder = posix.dirname(path)
  return VARIABLE_FILES.test(text) && (folder === '.' || other.startsWith(`${folder}/`))
}

const VARIABLE_FILES = /\b(?:file|env_file|path):[^\n]*\$|\benv_file:[ \t]*\n(?:[ \t]*-[^\n]*\n)*?[ \t]*-[^\n]*\$/

const keyOf = ({ path, files }: StackVersion): string => JSON.stringify([path, [...files].sort()])
