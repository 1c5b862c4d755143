import { createRealClock } from '../lib/real-clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { Merged, MergeOf, Revision, Source } from '../model/source.ts'
import type { CallOptions } from '../model/target.ts'
import { createCloneDirectory } from './clone-directory.ts'
import { parseGitAddress } from './git-address.ts'
import { checkOptions, DEFAULT_LIMITS, type GitSourceOptions, invalid } from './git-options.ts'
import { createHistory, type History } from './history.ts'
import { createKeptClone, type KeptClone } from './kept-clone.ts'
import { type PointerVerdicts, readSnapshot } from './read-snapshot.ts'
import { refNameRefusal } from './ref-name.ts'
import { refused } from './source-error.ts'
import { createTransport, type Transport } from './transport.ts'

/**
 * A git repository as a source of desired state. Idle, a look costs one listing of one ref; a moved ref costs one fetch of
 * what is new. Files are blobs by object id: there is no work tree, so no filter, hook, submodule or link can do anything.
 *
 * The first fetch takes the tip alone, and later ones all that came since: so the history that `descends` asks for is there
 * in daily work, and ten thousand files with a long past still cost one tip. Only a new directory with an old last applied
 * revision needs the past: it is fetched when asked for.
 */
export function createGitSource(options: GitSourceOptions): Source {
  checkOptions(options)
  const address = parseGitAddress(options.url)
  if (address.scheme === 'ssh' && !options.sshKey) {
    throw invalid(
      'a repository by ssh needs a key and the known host keys',
      'give both in the settings of the repository',
    )
  }
  const closing = new AbortController()
  const verdicts: PointerVerdicts = new Map()
  const opened = once(async (): Promise<Opened> => {
    const transport = await createTransport(address, options)
    const clock = options.clock ?? createRealClock()
    const { directory } = options
    const folders = createCloneDirectory({ directory, engine: transport.engine, url: address.url, clock })
    await folders.sweep()
    const kept = createKeptClone(folders, transport.clones)
    const tracked = `refs/heads/${options.branch}`
    return { transport, kept, history: createHistory({ kept, tracked, path: options.path ?? '' }), tracked }
  })

  return {
    resolve: async ({ revision, signal }) => {
      const open = await opened()
      return revision === undefined ? resolveTip(open, signal) : resolveAsked(open, revision, signal)
    },
    read: async (revision, { signal }) => {
      const { kept, history } = await opened()
      const limits = { ...DEFAULT_LIMITS, ...options.limits }
      return readSnapshot({ revision, kept, history, limits, verdicts, signal, closing: closing.signal })
    },
    descends: async (commit, ancestor, call) => (await opened()).history.descends(commit, ancestor, call),
    merged: async (of, call) => mergeListed(await opened(), checkedMerge(of), call),
    between: async (before, after, call) => (await opened()).history.between(before, after, call).catch(noneIfUnknown),
    dispose: async () => {
      closing.abort()
      const open = await opened.ifAny()?.catch(() => undefined)
      await open?.kept.close()
    },
  }
}

interface Opened {
  readonly transport: Transport
  readonly kept: KeptClone
  readonly history: History
  readonly tracked: string
}

async function resolveTip({ transport, history, tracked }: Opened, signal: AbortSignal): Promise<Revision> {
  const oid = (await transport.list([tracked], signal)).get(tracked)
  if (oid !== undefined) return history.at(tracked, oid, { signal })
  throw refused(
    `the repository has no branch '${tracked.slice('refs/heads/'.length)}'`,
    'push the branch, or name another one in the settings',
  )
}

/** A commit id, a branch, a tag, or the beginning of a commit id; `refs/…` is taken as it is. */
async function resolveAsked({ transport, history }: Opened, asked: string, signal: AbortSignal): Promise<Revision> {
  if (/^[0-9a-f]{40}$/.test(asked)) return history.find(asked, { signal })
  if (refNameRefusal(asked) !== undefined) throw unknown(asked)
  const names = asked.startsWith('refs/') ? [asked] : [`refs/heads/${asked}`, `refs/tags/${asked}`]
  const listed = await transport.list(names, signal)
  for (const name of names) {
    const oid = listed.get(name)
    if (oid !== undefined) return history.at(name, oid, { signal })
  }
  if (/^[0-9a-f]{7,39}$/.test(asked)) return history.find(asked, { signal })
  throw unknown(asked)
}

const unknown = (asked: string) =>
  new ReconcileError('NotFound', {
    message: `the repository has no commit, branch or tag '${asked.slice(0, 100)}'`,
    todo: 'name a branch, a tag, or a commit that one of them holds',
  })

/** A fetch tells a missing ref from a dead server by its words alone; a listing does it by what it holds. */
async function mergeListed({ transport, history }: Opened, of: MergeOf, call: CallOptions): Promise<Merged> {
  if ((await transport.list([of.ref], call.signal)).get(of.ref) !== of.head) throw unknown(of.head)
  return history.merged(of, call)
}

function noneIfUnknown(error: unknown): readonly string[] {
  if (error instanceof ReconcileError && error.reason === 'NotFound') return []
  throw error
}

/** Ids and names come from an API: what is none is refused before git sees it (SEC-5). */
function checkedMerge(of: MergeOf): MergeOf {
  const isId = (text: string): boolean => /^[0-9a-f]{40}$/.test(text)
  if (!isId(of.into) || !isId(of.head) || refNameRefusal(of.ref) !== undefined) throw unknown(of.head)
  return of
}

/** Runs until it succeeds once: a failed opening is tried again by the next caller. */
function once<T>(make: () => Promise<T>) {
  let made: Promise<T> | undefined
  const get = () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
  return Object.assign(get, { ifAny: () => made })
}
