// @ts-check
// A small client of the Engine API over a unix socket, for the lab and for assertions of tests. Unversioned paths:
// the engine answers in its newest version.
import { request as httpRequest } from 'node:http'

/**
 * @typedef {object} EngineAnswer
 * @property {number} status
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {Buffer} body
 */

/**
 * @typedef {object} CallOptions
 * @property {unknown} [body] an object goes as JSON, a Uint8Array as a tar stream
 * @property {Record<string, string>} [headers]
 * @property {number} [timeoutMs] default 60 s
 */

/** @typedef {{id: string, state: string, desired: string, image: string, error: string, exitCode: number | undefined, node: string, slot: number, createdAt: string}} TaskLine */

/**
 * @typedef {object} EngineClient
 * @property {(method: string, path: string, options?: CallOptions) => Promise<EngineAnswer>} request any status is an answer
 * @property {(method: string, path: string, options?: CallOptions) => Promise<any>} call the parsed body; throws from 400 on
 * @property {(service: string) => Promise<TaskLine[]>} tasks of a service, newest first
 */

/**
 * @param {string} socketPath
 * @returns {EngineClient}
 */
export function createEngineClient(socketPath) {
  /** @type {EngineClient['request']} */
  const request = (method, path, options = {}) => send(socketPath, { method, path, ...options })
  /** @type {EngineClient['call']} */
  const call = async (method, path, options) => {
    const answer = await request(method, path, options)
    const text = answer.body.toString('utf8')
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${text.trim()}`)
    return /json/.test(answer.headers['content-type'] ?? '') && text !== '' ? lastJson(text) : text
  }
  return {
    request,
    call,
    tasks: async (service) => {
      const filters = encodeURIComponent(JSON.stringify({ service: [service] }))
      const tasks = /** @type {any[]} */ (await call('GET', `/tasks?filters=${filters}`))
      return tasks.map(taskLine).sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    },
  }
}

/** @param {any} task @returns {TaskLine} */
function taskLine(task) {
  return {
    id: task.ID,
    state: task.Status.State,
    desired: task.DesiredState,
    image: task.Spec.ContainerSpec?.Image ?? '',
    error: task.Status.Err ?? '',
    exitCode: task.Status.ContainerStatus?.ExitCode,
    node: task.NodeID ?? '',
    slot: task.Slot ?? 0,
    createdAt: task.CreatedAt,
  }
}

/**
 * One JSON value, or the last of a stream of them (pull and import answer with progress lines).
 * @param {string} text
 */
function lastJson(text) {
  try {
    return JSON.parse(text)
  } catch {
    return JSON.parse(text.trim().split(/\r?\n/).at(-1) ?? 'null')
  }
}

/**
 * @param {string} socketPath
 * @param {CallOptions & {method: string, path: string}} options
 * @returns {Promise<EngineAnswer>}
 */
function send(socketPath, { method, path, body, headers = {}, timeoutMs = 60_000 }) {
  const raw = body instanceof Uint8Array
  const payload = body === undefined ? undefined : raw ? body : Buffer.from(JSON.stringify(body))
  const type = payload === undefined ? {} : { 'content-type': raw ? 'application/x-tar' : 'application/json' }
  const length = payload === undefined ? {} : { 'content-length': String(payload.length) }
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { socketPath, method, path, agent: false, headers: { host: 'engine', ...type, ...length, ...headers } },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        )
      },
    )
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`${method} ${path}: no answer in ${timeoutMs} ms`)))
    request.on('error', reject)
    request.end(payload)
  })
}
