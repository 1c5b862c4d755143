import http from 'node:http'
import https from 'node:https'
import { inspect } from 'node:util'
import { ReconcileError } from '../../model/error.ts'
import type { EndpointCredential, SwarmEndpoint } from './config.ts'
import { isLoopback, parseEndpoint } from './endpoint.ts'
import { SshAgent } from './ssh-agent.ts'

/** How dockerode reaches an engine. */
export interface Transport {
  /** As the operator wrote it: for messages. */
  readonly url: string
  readonly modem: ModemOptions
  close(): void
}

/**
 * Every option of docker-modem that decides where a request goes is set, also to undefined: what is left out it takes
 * from DOCKER_HOST, DOCKER_CERT_PATH and the like, and would talk to another engine than the one that was declared.
 */
interface ModemOptions {
  readonly socketPath: string | undefined
  readonly host: string | undefined
  readonly port: number | undefined
  readonly protocol: 'http' | 'https'
  readonly agent: http.Agent
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: Buffer | undefined
  readonly timeout: undefined
  readonly pathPrefix: undefined
}

/** Idle sockets are given up before an engine would: a request on a socket that just died has an unknown outcome. */
const KEPT = { keepAlive: true, timeout: 20_000 } as const

export function openTransport(
  endpoint: SwarmEndpoint,
  credential: EndpointCredential | undefined,
  options: { readonly timeoutMs: number },
): Transport {
  const parsed = parseEndpoint(endpoint.url)
  const { url } = endpoint
  if (parsed.type === 'unix') return withModem(url, new http.Agent(KEPT), { socketPath: parsed.path })
  if (parsed.type === 'tcp') return openTcp(url, parsed, credential)
  if (endpoint.hostKey === undefined) throw missing(url, 'hostKey', 'pin the host key: `ssh-keyscan HOST` prints it')
  const { privateKey, passphrase, agent: keys } = credential ?? {}
  if (!privateKey && !keys) throw missing(url, 'SSH key', 'name a credential with an SSH key in `credential`')
  const proof = {
    ...(privateKey ? { privateKey } : {}),
    ...(passphrase ? { passphrase } : {}),
    ...(keys ? { agent: keys } : {}),
  }
  const agent = new SshAgent({ ...parsed, hostKey: endpoint.hostKey, ...proof, timeoutMs: options.timeoutMs })
  return withModem(url, agent, { host: parsed.host, port: parsed.port })
}

function openTcp(
  url: string,
  { host, port }: { readonly host: string; readonly port: number },
  credential: EndpointCredential | undefined,
): Transport {
  if (credential?.ca !== undefined || credential?.cert !== undefined || credential?.key !== undefined) {
    const tls = { ca: credential.ca, cert: credential.cert, key: credential.key?.reveal() }
    return withModem(url, new https.Agent({ ...KEPT, ...tls }), { host, port, protocol: 'https', ...tls })
  }
  if (!isLoopback(host) && credential?.insecure !== true) {
    throw missing(url, 'TLS', 'name a credential with ca, cert and key, or one that says `insecure: true`')
  }
  return withModem(url, new http.Agent(KEPT), { host, port })
}

function withModem(url: string, agent: http.Agent, options: Partial<ModemOptions>): Transport {
  const modem = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    protocol: 'http',
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
    pathPrefix: undefined,
    ...options,
    agent: shortInWords(agent),
  } as const
  return { url, modem, close: () => agent.destroy() }
}

function missing(url: string, what: string, todo: string): ReconcileError {
  return new ReconcileError('InvalidSettings', { message: `the endpoint ${url} has no ${what}`, todo })
}

/**
 * docker-modem puts the options of every request into words for a debug line that nobody reads (`util.inspect`, without a
 * depth): with an agent that holds sockets that took 300 ms of a busy daemon each time, in one piece.
 */
function shortInWords<A extends http.Agent>(agent: A): A {
  return Object.defineProperty(agent, inspect.custom, { value: () => 'an agent' })
}
