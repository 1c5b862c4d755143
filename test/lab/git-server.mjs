// @ts-check
// Git over smart HTTP on loopback: git's own http-backend as CGI behind a small Node server that checks credentials,
// counts requests by kind, and can be told to fail.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createRepository, gitEnvironment } from './git-repository.mjs'
import { gitHttpBackend } from './requirements.mjs'

/**
 * - `refs`: GET info/refs (protocol v2: the capabilities alone)
 * - `list`: POST git-upload-pack with ls-refs, `fetch`: with objects
 * - `push`: POST git-receive-pack
 * - `refused`: answered by us with 401 or a fault
 * @typedef {'refs' | 'list' | 'fetch' | 'push' | 'refused' | 'other'} GitRequestKind
 */

/** @typedef {{kind: GitRequestKind, method: string, path: string, status: number}} GitRequest */

/**
 * What the server does instead of answering: a status, an answer that never comes, or a connection cut off.
 * @typedef {{status?: number, hang?: boolean, drop?: boolean, delayMs?: number}} GitFault
 */

/** @typedef {{username?: string, password?: string, token?: string}} GitAuth a token is taken as password of any user, or as bearer */

/**
 * @typedef {object} GitServer
 * @property {string} url `http://127.0.0.1:PORT`
 * @property {(name: string) => Promise<import('./git-repository.mjs').GitRepository>} create an empty bare repository
 * @property {readonly GitRequest[]} requests all since the start or the last `forget()`
 * @property {(kind: GitRequestKind) => number} count
 * @property {() => void} forget
 * @property {(auth: GitAuth | undefined) => void} requireAuth
 * @property {(fault: GitFault | undefined) => void} setFault
 */

/**
 * @param {{dir: string, address?: string, port?: number, auth?: GitAuth | undefined}} options
 * @returns {Promise<GitServer & {dispose: () => Promise<void>}>}
 */
export async function startGitServer({ dir, address = '127.0.0.1', port = 0, auth }) {
  mkdirSync(dir, { recursive: true })
  /** @type {{auth: GitAuth | undefined, fault: GitFault | undefined, requests: GitRequest[]}} */
  const state = { auth, fault: undefined, requests: [] }
  const server = createServer((request, response) => {
    serve(request, response, { dir, state }).catch((error) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(error))
    })
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, address, () => resolve(undefined)))
  server.unref()
  const bound = /** @type {import('node:net').AddressInfo} */ (server.address())
  const url = `http://${address}:${bound.port}`
  return {
    url,
    get requests() {
      return state.requests
    },
    count: (kind) => state.requests.filter((one) => one.kind === kind).length,
    forget: () => {
      state.requests = []
    },
    requireAuth: (wanted) => {
      state.auth = wanted
    },
    setFault: (fault) => {
      state.fault = fault
    },
    create: (name) => createRepository({ name, dir: join(dir, `${name}.git`), url: `${url}/${name}.git` }),
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** @typedef {{dir: string, state: {auth: GitAuth | undefined, fault: GitFault | undefined, requests: GitRequest[]}}} Context */

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {Context} context
 */
async function serve(request, response, { dir, state }) {
  const body = await readBody(request)
  const url = new URL(request.url ?? '/', 'http://git')
  const note = (/** @type {GitRequestKind} */ kind, /** @type {number} */ status) =>
    void state.requests.push({ kind, method: request.method ?? '', path: url.pathname, status })
  const fault = state.fault
  if (fault?.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
  if (fault?.hang) return note('refused', 0)
  if (fault?.drop) {
    note('refused', 0)
    return void request.socket.destroy()
  }
  if (fault?.status !== undefined) {
    note('refused', fault.status)
    return void response.writeHead(fault.status).end('told to fail\n')
  }
  if (state.auth !== undefined && !permitted(request.headers.authorization, state.auth)) {
    note('refused', 401)
    return void response.writeHead(401, { 'www-authenticate': 'Basic realm="lab"' }).end('credentials, please\n')
  }
  const status = await cgi({ request, response, url, body, dir })
  note(kindOf(request, url, body), status)
}

/**
 * @param {string | undefined} header
 * @param {GitAuth} auth
 */
function permitted(header, auth) {
  const [scheme = '', value = ''] = (header ?? '').split(' ')
  if (/^bearer$/i.test(scheme)) return auth.token !== undefined && value === auth.token
  if (!/^basic$/i.test(scheme)) return false
  const text = Buffer.from(value, 'base64').toString('utf8')
  const username = text.slice(0, text.indexOf(':'))
  const password = text.slice(text.indexOf(':') + 1)
  if (auth.token !== undefined) return password === auth.token
  return username === auth.username && password === auth.password
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {URL} url
 * @param {Buffer} body
 * @returns {GitRequestKind}
 */
function kindOf(request, url, body) {
  if (url.pathname.endsWith('/info/refs')) return 'refs'
  if (url.pathname.endsWith('/git-receive-pack')) return 'push'
  if (!url.pathname.endsWith('/git-upload-pack')) return 'other'
  const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  return plain.subarray(0, 64).includes('command=ls-refs') ? 'list' : 'fetch'
}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<Buffer>} */
async function readBody(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * @param {{request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, url: URL,
 *   body: Buffer, dir: string}} options
 * @returns {Promise<number>} the status that was answered
 */
async function cgi({ request, response, url, body, dir }) {
  const backend = spawn(gitHttpBackend() ?? 'git-http-backend', [], {
    env: cgiEnvironment({ request, url, body, dir }),
  })
  backend.stdin.on('error', () => {})
  backend.stdin.end(body)
  response.on('close', () => backend.kill())
  let head = Buffer.alloc(0)
  let status = 0
  for await (const chunk of backend.stdout) {
    if (status > 0) {
      if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
      continue
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) continue
    status = writeHead(response, head.subarray(0, end).toString('latin1'))
    response.write(head.subarray(end + 4))
  }
  if (status === 0) response.writeHead(502)
  response.end()
  return status || 502
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} text CGI headers
 * @returns {number}
 */
function writeHead(response, text) {
  const headers = text
    .split('\r\n')
    .map((line) => /** @type {const} */ ([line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]))
  const status = Number.parseInt(headers.find(([name]) => /^status$/i.test(name))?.[1] ?? '200', 10)
  response.writeHead(status, Object.fromEntries(headers.filter(([name]) => !/^status$/i.test(name))))
  return status
}

/**
 * @param {{request: import('node:http').IncomingMessage, url: URL, body: Buffer, dir: string}} options
 */
function cgiEnvironment({ request, url, body, dir }) {
  const { headers } = request
  return {
    ...gitEnvironment(dir),
    GIT_PROJECT_ROOT: dir,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    REQUEST_METHOD: request.method,
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: headers['content-type'] ?? '',
    CONTENT_LENGTH: String(body.length),
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    REMOTE_USER: 'lab',
    REMOTE_ADDR: '127.0.0.1',
  }
}
