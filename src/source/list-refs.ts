import type { HttpClient } from 'isomorphic-git'
import { type GitProgram, runGit } from './git-process.ts'
import { DELIMITER, FLUSH, packetOf, textsOf } from './pkt-line.ts'
import { unreachable } from './source-error.ts'

/** Full name of a ref -> object id, for refs that exist. A name that ends with `/` asks for all below it. */
export type RefList = ReadonlyMap<string, string>

/**
 * In this process, also where the git program does the rest: no process for an idle look, and errors by status code, for
 * which git has only words. Two requests, as protocol v2 wants: the capabilities, then the refs with this beginning.
 */
export async function listHttpRefs(http: HttpClient, url: string, asked: readonly string[]): Promise<RefList> {
  return new Map([...(await readRefs(http, url, asked))].filter(([ref]) => isAsked(ref, asked)))
}

async function readRefs(http: HttpClient, url: string, asked: readonly string[]): Promise<RefList> {
  const headers = { 'Git-Protocol': 'version=2' }
  const offered = await answerOf(http, { url: `${url}/info/refs?service=git-upload-pack`, headers })
  const offer = offered.filter((text) => !text.startsWith('# service='))
  if (offer[0] !== 'version 2') return new Map(offer.flatMap((text) => refIn(text, url)))
  const prefixes = asked.map((name) => packetOf(`ref-prefix ${name}`))
  const listed = await answerOf(http, {
    url: `${url}/git-upload-pack`,
    method: 'POST',
    headers: {
      ...headers,
      accept: 'application/x-git-upload-pack-result',
      'content-type': 'application/x-git-upload-pack-request',
    },
    body: sent([packetOf('command=ls-refs'), DELIMITER, ...prefixes, FLUSH].join('')),
  })
  return new Map(listed.flatMap((text) => refIn(text, url)))
}

async function* sent(text: string): AsyncIterableIterator<Uint8Array> {
  yield Buffer.from(text)
}

async function answerOf(http: HttpClient, question: Parameters<HttpClient['request']>[0]): Promise<readonly string[]> {
  const { body } = await http.request(question)
  const chunks: Uint8Array[] = []
  for await (const chunk of body ?? []) chunks.push(chunk)
  const texts = textsOf(Buffer.concat(chunks))
  if (texts === undefined || texts.length + chunks.length === 0) throw notGit(question.url)
  return texts
}

/** `<oid> SP <name>`, then attributes after a space, or, in older protocols, what the server can do after a NUL. */
function refIn(text: string, url: string): readonly (readonly [string, string])[] {
  const [, oid, name] = /^([0-9a-f]{40,64}) ([^ \0]+)/.exec(text) ?? []
  if (oid !== undefined && name !== undefined) return name.endsWith('^{}') ? [] : [[name, oid]]
  if (text.startsWith('ERR ')) throw unreachable(`the git server ${new URL(url).host} refuses to list its refs`)
  return []
}

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

const notGit = (url: string) =>
  unreachable(`what answers at ${new URL(url).host} is no git server`, {
    final: true,
    todo: 'check the url of the repository',
  })
