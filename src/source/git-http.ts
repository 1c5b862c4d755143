import { readFileSync } from 'node:fs'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { HttpClient } from 'isomorphic-git'
import { authorizationOf, type GitAuth, type Scrub } from './credential.ts'
import { unreachable } from './source-error.ts'

export interface GitHttpOptions {
  readonly auth: GitAuth | undefined
  readonly caFile: string | undefined
  readonly scrub: Scrub
  readonly answerBytes: number
  readonly signal: AbortSignal
}

/**
 * HTTP for isomorphic-git: one answer at a time, read whole and bounded, cut by the signal; no redirects, as the
 * credential must not travel to another host; errors by status code, never with the server's words (SEC-7).
 */
export function createGitHttp(options: GitHttpOptions): HttpClient {
  return {
    request: async ({ url, method = 'GET', headers = {}, body }) => {
      const sent = options.auth ? { ...headers, authorization: authorizationOf(options.auth) } : { ...headers }
      const answer = await exchange({ url, method, headers: sent, body: await joined(body) }, options)
      const { statusCode = 0, statusMessage = '', headers: got } = answer.message
      if (statusCode !== 200) throw refusalOf(statusCode, whereTo(got.location, options.scrub), new URL(url).host)
      const plain = Object.fromEntries(Object.entries(got).map(([name, value]) => [name, String(value)]))
      return { url, method, statusCode, statusMessage, headers: plain, body: once(answer.body) }
    },
  }
}

interface Question {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: Buffer
}

interface HttpAnswer {
  readonly message: IncomingMessage
  readonly body: Buffer
}

function exchange(question: Question, options: GitHttpOptions): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = open(question, options, (message) => {
      const chunks: Buffer[] = []
      let size = 0
      message.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > options.answerBytes) sent.destroy(unreachable(tooLong(options.answerBytes), { final: true }))
        else chunks.push(chunk)
      })
      message.on('end', () => (message.complete ? resolve({ message, body: Buffer.concat(chunks) }) : undefined))
      message.on('error', fail)
    })
    const fail = (error: Error) => reject(options.signal.aborted ? options.signal.reason : asReported(error, question))
    sent.on('error', fail)
    sent.end(question.body)
  })
}

function open(
  { url, method, headers, body }: Question,
  { signal, caFile }: GitHttpOptions,
  onAnswer: (message: IncomingMessage) => void,
): ClientRequest {
  const common: RequestOptions = {
    method,
    signal,
    agent: false,
    headers: { ...headers, 'content-length': body.length },
  }
  if (new URL(url).protocol === 'http:') return requestHttp(url, common, onAnswer)
  return requestHttps(url, { ...common, ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }) }, onAnswer)
}

const tooLong = (bytes: number) => `the git server's answer is longer than ${bytes} bytes`

function asReported(error: Error, { url }: Question): Error {
  if (error.name === 'ReconcileError') return error
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  return unreachable(`no connection with the git server ${new URL(url).host}${code}: ${error.message}`, {
    todo: 'check the url of the repository and the network',
  })
}

function refusalOf(status: number, elsewhere: string, host: string): Error {
  const said = `the git server ${host} answered ${status}`
  if (status >= 300 && status < 400) return redirected(said, elsewhere)
  if (status === 401) return unreachable(`${said}: it wants a credential, or another one`, { final: true, todo: TOKEN })
  if (status === 403) return unreachable(`${said}: the credential does not allow it`, { final: true, todo: TOKEN })
  if (status === 404)
    return unreachable(`${said}: no such repository, or it is not shown`, { final: true, todo: MISSING })
  return unreachable(said, status >= 500 || status === 429 ? {} : { final: true })
}

const TOKEN = 'check that the token of the repository has not expired and may read this repository'
const MISSING = 'check the url, and that the token may read this repository: servers hide what one may not see'

/** Host and path alone: what stands in the rest of the address may be a credential, and a server may repeat ours. */
function whereTo(location: string | undefined, scrub: Scrub): string {
  const to = location !== undefined && URL.canParse(location) ? new URL(location) : undefined
  if (to === undefined) return 'another address'
  return scrub(`${to.protocol}//${to.host}${to.pathname.replace(/\/(info\/refs|git-upload-pack)$/, '')}`)
}

function redirected(said: string, elsewhere: string): Error {
  return unreachable(`${said}: the repository is at ${elsewhere}`, {
    final: true,
    todo: 'write that url in the settings; redirects are not followed, as they would take the credential along',
  })
}

async function joined(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* once(bytes: Buffer): AsyncIterableIterator<Uint8Array> {
  yield bytes
}
