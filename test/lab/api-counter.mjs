// @ts-check
// Stands between a client and an engine's socket and writes down every request, so that a test can say "zero writes"
// or "one list call per object type". It can also make calls fail or run a test's function at an exact moment.
// Upgraded connections (attach, exec) and streams (events, logs) pass through.

import { rmSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:net'

/**
 * @typedef {object} CountedCall
 * @property {string} method
 * @property {string} path without version prefix and query
 * @property {string} version of the API as the client asked, or ''
 * @property {URLSearchParams} query
 * @property {number} status 0: dropped or still open
 * @property {any} [body] of a JSON request
 * @property {import('node:http').IncomingHttpHeaders} headers
 */

/**
 * What happens to matching calls. `drop: 'before'` cuts the connection and the engine sees nothing; `drop: 'after'`
 * lets the engine do it and cuts the answer (the client cannot know). `status` answers in the engine's place.
 * @typedef {object} Fault
 * @property {string} [method]
 * @property {string | RegExp} [path] without version; a string must be equal
 * @property {(call: CountedCall) => boolean} [when]
 * @property {number} [times] default: every time
 * @property {'before' | 'after'} [drop]
 * @property {number} [delayMs] before forwarding
 * @property {number} [status]
 * @property {string} [message] of the error
 * @property {(call: CountedCall) => unknown} [before] awaited before forwarding
 * @property {(call: CountedCall) => unknown} [after] awaited after the engine answered, before the client sees it
 */

/**
 * @typedef {object} ApiCounter
 * @property {string} socketPath where clients connect; '' when it listens on TCP
 * @property {string} address `host:port` when it listens on TCP
 * @property {readonly CountedCall[]} calls
 * @property {() => readonly CountedCall[]} writes calls that may change something: all but GET, HEAD and _ping
 * @property {(method?: string, path?: string | RegExp) => readonly CountedCall[]} matching
 * @property {() => void} forget
 * @property {(fault: Fault) => () => void} inject returns the function that takes it out again
 * @property {() => Promise<void>} dispose
 */

/**
 * @param {{engineSocket: string, listen: {socketPath: string} | {address: string, port?: number,
 *   tls?: {key: string | Buffer, cert: string | Buffer, ca?: string | Buffer}}}} options
 *   with `tls.ca`, client certificates are required, as dockerd's --tlsverify does
 * @returns {Promise<ApiCounter>}
 */
export async function startApiCounter({ engineSocket, listen }) {
  /** @type {State} */
  const state = { engineSocket, calls: [], faults: [] }
  const tls = 'tls' in listen ? listen.tls : undefined
  const server =
    tls === undefined
      ? createServer()
      : createTlsServer({ ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: tls.ca !== undefined })
  /** @type {Set<import('node:stream').Duplex>} */
  const open = new Set()
  server.on('request', (request, response) => void forward(state, request, response))
  server.on('upgrade', (request, socket, head) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    upgrade(state, { request, socket, head })
  })
  if ('socketPath' in listen) rmSync(listen.socketPath, { force: true })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    if ('socketPath' in listen) server.listen(listen.socketPath, () => resolve(undefined))
    else server.listen(listen.port ?? 0, listen.address, () => resolve(undefined))
  })
  server.unref()
  const bound = server.address()
  return {
    socketPath: 'socketPath' in listen ? listen.socketPath : '',
    address: bound !== null && typeof bound === 'object' ? `${bound.address}:${bound.port}` : '',
    get calls() {
      return state.calls
    },
    writes: () =>
      state.calls.filter((call) => call.method !== 'GET' && call.method !== 'HEAD' && call.path !== '/_ping'),
    matching: (method, path) =>
      state.calls.filter((call) => matches({ ...(method && { method }), ...(path && { path }) }, call)),
    forget: () => {
      state.calls = []
    },
    inject: (fault) => {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY }
      state.faults.push(entry)
      return () => {
        state.faults = state.faults.filter((one) => one !== entry)
      }
    },
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const socket of open) socket.destroy()
      }),
  }
}

/** @typedef {{engineSocket: string, calls: CountedCall[], faults: {fault: Fault, left: number}[]}} State */

/**
 * @param {State} state
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function forward(state, request, response) {
  try {
    const body = isJson(request) ? await readAll(request) : undefined
    const call = record(state, request, body)
    const fault = take(state, call)
    if (fault && (await interfere(fault, call, response))) return
    const answer = await ask(state, { request, response, body })
    call.status = answer.statusCode ?? 0
    await fault?.after?.(call)
    if (fault?.drop === 'after') {
      answer.resume()
      return void response.destroy()
    }
    response.writeHead(call.status, answer.headers)
    response.flushHeaders() // a stream without an event yet must show that it is open
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  } catch (error) {
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ message: `the engine behind the counter did not answer: ${String(error)}` }))
  }
}

/**
 * @param {Fault} fault
 * @param {CountedCall} call
 * @param {import('node:http').ServerResponse} response
 * @returns {Promise<boolean>} whether the call ends here
 */
async function interfere(fault, call, response) {
  if (fault.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
  await fault.before?.(call)
  if (fault.drop === 'before') response.destroy()
  if (fault.status !== undefined) {
    call.status = fault.status
    response.writeHead(fault.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ message: fault.message ?? 'told to fail' }))
  }
  return fault.drop === 'before' || fault.status !== undefined
}

/**
 * @param {State} state
 * @param {{request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, body: Buffer | undefined}} options
 * @returns {Promise<import('node:http').IncomingMessage>}
 */
function ask(state, { request, response, body }) {
  return new Promise((resolve, reject) => {
    const upstream = httpRequest(
      {
        socketPath: state.engineSocket,
        method: request.method,
        path: request.url,
        headers: request.headers,
        agent: false,
      },
      resolve,
    )
    upstream.on('error', reject)
    response.on('close', () => upstream.destroy())
    if (body === undefined) request.pipe(upstream)
    else upstream.end(body)
  })
}

/**
 * @param {State} state
 * @param {{request: import('node:http').IncomingMessage, socket: import('node:stream').Duplex, head: Buffer}} options
 */
function upgrade(state, { request, socket, head }) {
  const call = record(state, request, undefined)
  call.status = 101
  const engine = connect(state.engineSocket, () => {
    const headers = []
    for (let at = 0; at < request.rawHeaders.length; at += 2)
      headers.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`)
    engine.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    engine.write(head)
    engine.pipe(socket).pipe(engine)
  })
  engine.on('error', () => socket.destroy())
  socket.on('error', () => engine.destroy())
}

/**
 * @param {State} state
 * @param {import('node:http').IncomingMessage} request
 * @param {Buffer | undefined} body
 * @returns {CountedCall}
 */
function record(state, request, body) {
  const url = new URL(request.url ?? '/', 'http://engine')
  const version = /^\/v(\d+\.\d+)(?=\/)/.exec(url.pathname)
  /** @type {CountedCall} */
  const call = {
    method: request.method ?? '',
    path: url.pathname.slice(version?.[0].length ?? 0),
    version: version?.[1] ?? '',
    query: url.searchParams,
    status: 0,
    headers: request.headers,
    ...(body === undefined || body.length === 0 ? {} : { body: parsed(body) }),
  }
  state.calls.push(call)
  return call
}

/**
 * @param {State} state
 * @param {CountedCall} call
 * @returns {Fault | undefined}
 */
function take(state, call) {
  const entry = state.faults.find((one) => one.left > 0 && matches(one.fault, call))
  if (entry) entry.left -= 1
  return entry?.fault
}

/**
 * @param {Pick<Fault, 'method' | 'path' | 'when'>} wanted
 * @param {CountedCall} call
 */
function matches(wanted, call) {
  if (wanted.method !== undefined && wanted.method !== call.method) return false
  if (typeof wanted.path === 'string' && wanted.path !== call.path) return false
  if (wanted.path instanceof RegExp && !wanted.path.test(call.path)) return false
  return wanted.when?.(call) ?? true
}

/** @param {import('node:http').IncomingMessage} request */
function isJson(request) {
  return /json/.test(request.headers['content-type'] ?? '')
}

/** @param {Buffer} body */
function parsed(body) {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return body.toString('utf8')
  }
}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<Buffer>} */
async function readAll(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
