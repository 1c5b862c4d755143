import { setMaxListeners } from 'node:events'
import { messageOf, ReconcileError } from '../../model/error.ts'
import type { SwarmCredentials, SwarmEndpoint, SwarmTargetConfig } from './config.ts'
import { parseEndpoint } from './endpoint.ts'
import { createEngine, type Engine, type EngineAnswer, type EngineCall } from './engine.ts'
import { isUnreachable } from './engine-error.ts'
import { openTransport } from './transport.ts'

/** The newest Engine API that we know; an older engine is spoken to in its own. */
const NEWEST_API = '1.50'
/** Jobs and `ServiceStatus` came with it (Engine 20.10). */
const OLDEST_API = '1.41'
const TIMEOUT_MS = 15_000

/** A manager of the Swarm, whichever of the endpoints it is. */
export interface Connection {
  /** Cluster id of the Swarm. */
  identity(signal: AbortSignal): Promise<string>
  /** Engine API in use: `1.41`. */
  apiVersion(signal: AbortSignal): Promise<string>
  get(path: string, signal: AbortSignal, query?: Readonly<Record<string, string>>): Promise<unknown>
  /** A read whose answer is not JSON. */
  read(call: EngineCall, signal: AbortSignal): Promise<EngineAnswer>
  /**
   * Sent once: a lost connection is tried at another manager only where nothing was sent. Not cut by a signal, since
   * a new revision cancels waiting, not writing (architecture, rule 20); the timeout bounds it.
   */
  write(call: Omit<EngineCall, 'maxBytes'>): Promise<unknown>
  close(): void
}

interface Opened {
  readonly engine: Engine
  readonly version: string
  readonly clusterId: string
}

export interface ConnectionOptions {
  readonly config: SwarmTargetConfig
  readonly credentials: SwarmCredentials
  /** Tests shorten it. */
  readonly timeoutMs?: number
}

/**
 * Opens on first use and keeps one engine until a call cannot reach it; then the endpoints are tried in order from the
 * next one, each at most once per call.
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { endpoints } = options.config
  let first = 0
  let now: Opened | undefined
  let opening: Promise<Opened> | undefined
  let pinned: string | undefined

  const open = (): Promise<Opened> => {
    opening ??= openAny({ ...options, endpoints: rotated(endpoints, first), pinned }).then(
      (opened) => {
        pinned = opened.clusterId
        now = opened
        return opened
      },
      (error: unknown) => {
        opening = undefined // a failed attempt is not kept: the next call tries again
        throw error
      },
    )
    return opening
  }

  const leave = (opened: Opened): void => {
    opened.engine.close()
    if (now !== opened) return // another call has left it already
    now = undefined
    opening = undefined
    first = (endpoints.findIndex(({ url }) => url === opened.engine.url) + 1) % endpoints.length
  }

  const call = async (request: EngineCall, signal: AbortSignal): Promise<EngineAnswer> => {
    for (let left = endpoints.length; ; left -= 1) {
      const opened = await abortable(open(), signal)
      try {
        return await opened.engine.call(request, signal)
      } catch (error) {
        if (!isUnreachable(error)) throw error
        leave(opened)
        // An answer of 503 did nothing; a write without an answer may have been done.
        if (left <= 1 || (request.method !== 'GET' && error.sent && error.status === 0)) throw error
      }
    }
  }

  const never = new AbortController().signal
  return {
    identity: async (signal) => (await abortable(open(), signal)).clusterId,
    apiVersion: async (signal) => (await abortable(open(), signal)).version,
    get: async (path, signal, query = {}) => parsed((await call({ method: 'GET', path, query }, signal)).body),
    read: call,
    write: async (request) => parsed((await call(request, never)).body),
    close: () => {
      void opening?.then(({ engine }) => engine.close()).catch(() => undefined)
      opening = undefined
      now = undefined
    },
  }
}

const rotated = <T>(items: readonly T[], by: number): readonly T[] => [...items.slice(by), ...items.slice(0, by)]

const parsed = (body: Buffer): unknown => (body.length === 0 ? undefined : JSON.parse(body.toString('utf8')))

/** The work goes on for others who wait for it; who is aborted stops waiting. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    setMaxListeners(0, signal) // one signal cuts many calls at once
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

interface OpenInput extends ConnectionOptions {
  readonly endpoints: readonly SwarmEndpoint[]
  readonly pinned: string | undefined
}

async function openAny(input: OpenInput): Promise<Opened> {
  const errors: unknown[] = []
  for (const endpoint of input.endpoints) {
    try {
      return await openOne(endpoint, input)
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length === 1) throw errors[0]
  throw noneOf(input, errors)
}

/** The most telling of several: a refusal says more than a dead host. */
function noneOf({ config }: OpenInput, errors: readonly unknown[]): ReconcileError {
  const known = errors.filter((error) => error instanceof ReconcileError)
  const telling = known.find((error) => error.reason !== 'TargetUnreachable') ?? known[0]
  return new ReconcileError(telling?.reason ?? 'TargetUnreachable', {
    message: `no manager of ${config.name} can be used: ${errors.map(messageOf).join('; ')}`,
    todo: telling?.todo ?? 'check the endpoints',
    retryable: known.every((error) => error.retryable),
    cause: new AggregateError(errors),
  })
}

async function openOne(endpoint: SwarmEndpoint, input: OpenInput): Promise<Opened> {
  const timeoutMs = input.timeoutMs ?? TIMEOUT_MS
  const transport = openTransport(endpoint, credentialFor(endpoint, input), { timeoutMs })
  try {
    const version = await negotiate(createEngine(transport, { timeoutMs }))
    const engine = createEngine(transport, { timeoutMs, version: `v${version}` })
    return { engine, version, clusterId: await clusterOf(engine, input.pinned) }
  } catch (error) {
    transport.close()
    throw error
  }
}

function credentialFor(endpoint: SwarmEndpoint, { config, credentials }: OpenInput) {
  if (config.credential === undefined) return undefined
  const parsed = parseEndpoint(endpoint.url)
  if (parsed.type === 'unix') return undefined // the file's owner and mode guard it
  const host = parsed.host.includes(':') ? `[${parsed.host}]` : parsed.host
  return credentials.endpoint(config.credential, `${host}:${parsed.port}`)
}

/** The older of what we and the engine know; engines refuse what is newer than they, new ones what is too old. */
async function negotiate(engine: Engine): Promise<string> {
  const { headers } = await engine.call({ method: 'GET', path: '/_ping' }, new AbortController().signal)
  const theirs = String(headers['api-version'] ?? '')
  if (minorOf(theirs) >= minorOf(OLDEST_API)) return minorOf(theirs) < minorOf(NEWEST_API) ? theirs : NEWEST_API
  throw new ReconcileError('TargetRefused', {
    message: `${engine.url} speaks Engine API ${theirs || 'of no version'}; ${OLDEST_API} is the oldest that is supported`,
    todo: 'use Docker Engine 20.10 or newer',
  })
}

const minorOf = (version: string): number => (/^1\.\d+$/.test(version) ? Number(version.slice(2)) : 0)

interface Info {
  readonly Swarm?: {
    readonly LocalNodeState?: string
    readonly ControlAvailable?: boolean
    readonly Cluster?: { readonly ID?: string } | null
  }
}

async function clusterOf(engine: Engine, pinned: string | undefined): Promise<string> {
  const answer = await engine.call({ method: 'GET', path: '/info' }, new AbortController().signal)
  const { Swarm: swarm } = parsed(answer.body) as Info
  if (swarm?.LocalNodeState !== 'active') {
    throw new ReconcileError('TargetRefused', {
      message: `${engine.url} is a Docker engine that is in no Swarm (${swarm?.LocalNodeState || 'inactive'})`,
      todo: 'name a manager of the Swarm, or make one with `docker swarm init`',
    })
  }
  const id = swarm.Cluster?.ID
  if (swarm.ControlAvailable !== true || !id) {
    throw new ReconcileError('TargetRefused', {
      message: `${engine.url} is a worker of its Swarm: it can neither list nor change services`,
      todo: 'name a manager; `docker node ls` on one lists them',
    })
  }
  if (pinned === undefined || id === pinned) return id
  throw new ReconcileError('TargetMismatch', {
    message: `${engine.url} belongs to the Swarm ${id}, the other endpoints to ${pinned}`,
    todo: 'list only managers of one Swarm',
  })
}
