import git, { type HttpClient } from 'isomorphic-git'
import { type GitProgram, runGit } from './git-process.ts'
import { unreachable } from './source-error.ts'

/** Full name of a ref -> object id, for refs that exist. A name that ends with `/` asks for all below it. */
export type RefList = ReadonlyMap<string, string>

/**
 * In this process, also where the git program does the rest: no process for an idle look, and errors by status code, for
 * which git has only words. Two requests, as protocol v2 wants: the capabilities, then the refs with this beginning.
 */
export async function listHttpRefs(http: HttpClient, url: string, asked: readonly string[]): Promise<RefList> {
  const listed = new Map<string, string>()
  for (const prefix of asked) {
    for (const { ref, oid } of await readRefs(http, url, prefix)) if (isAsked(ref, asked)) listed.set(ref, oid)
  }
  return listed
}

async function readRefs(http: HttpClient, url: string, prefix: string) {
  try {
    return await git.listServerRefs({ http, url, prefix, protocolVersion: 2 })
  } catch (error) {
    if (error instanceof git.Errors.SmartHttpError) throw notGit(url)
    throw error
  }
}

const notGit = (url: string) =>
  unreachable(`what answers at ${new URL(url).host} is no git server`, {
    final: true,
    todo: 'check the url of the repository',
  })

export interface BinaryListing {
  readonly program: GitProgram
  readonly url: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** By the git program: ssh and files. */
export async function listBinaryRefs(listing: BinaryListing, asked: readonly string[]): Promise<RefList> {
  const { program, url, signal, timeoutMs } = listing
  const patterns = asked.map((name) => (name.endsWith('/') ? `${name}*` : name))
  const words = ['ls-remote', '--refs', '--', url, ...patterns]
  const outputBytes = 64 * 1024 * 1024
  const { stdout } = await runGit(program, { words, doing: 'listing the refs', signal, timeoutMs, outputBytes })
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .map((line) => line.split('\t'))
  return new Map(lines.flatMap(([oid, ref]) => (oid && ref && isAsked(ref, asked) ? [[ref, oid] as const] : [])))
}

const isAsked = (ref: string, asked: readonly string[]) =>
  asked.some((name) => (name.endsWith('/') ? ref.startsWith(name) : ref === name))
