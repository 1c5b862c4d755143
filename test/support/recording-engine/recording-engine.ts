import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type RecordedCall, readRequest, send } from './http.ts'
import type { KnownImages } from './images.ts'
import { addNetwork } from './networks.ts'
import { addNode, type NodeWish } from './nodes.ts'
import { Refusal } from './refusal.ts'
import { answer, type RouteContext } from './routes.ts'
import { settle } from './service-updates.ts'
import { createWorld, type Script, type TaskOutcome, type World } from './world.ts'

export interface RecordingEngineOptions {
  /** Default: a free port on loopback. */
  readonly socketPath?: string
  /** The newest and the oldest API that it speaks. Default: those of Engine 29, 1.52 and 1.44. */
  readonly apiVersion?: string
  readonly minApiVersion?: string
  /** Default: one manager `node-1`. */
  readonly nodes?: readonly NodeWish[]
  readonly images?: KnownImages
  /** What becomes of each new task; default: it runs at once, a job's completes. */
  readonly script?: Script
  /** Milliseconds since 1970. */
  readonly clock?: () => number
}

/** What happens to a matching call; `drop` cuts the connection before or after the effect. */
interface Fault {
  readonly method?: string
  readonly path?: string | RegExp
  /** Default: every time. */
  readonly times?: number
  readonly status?: number
  readonly message?: string
  readonly drop?: 'before' | 'after'
  /** Runs before the effect and may change the world: another writer. */
  readonly before?: (call: RecordedCall) => unknown
}

/**
 * An in-process stand-in of a Swarm manager's Engine API. Tasks converge at once or by a script; versions, refusals
 * and update states are those of the real engine, to which a scenario compares it.
 */
export interface RecordingEngine {
  /** `tcp://127.0.0.1:PORT` or `unix:///path`. */
  readonly url: string
  readonly world: World
  readonly calls: readonly RecordedCall[]
  /** Calls that may have changed something. */
  writes(): readonly RecordedCall[]
  matching(method: string, path: string | RegExp): readonly RecordedCall[]
  forget(): void
  /** Returns the function that takes it out again. */
  inject(fault: Fault): () => void
  /** With `world.byHand`: brings a service's tasks and update to their end. */
  settle(service: string, outcome?: TaskOutcome): void
  addNode(wish: NodeWish): void
  dispose(): Promise<void>
}

interface Context extends RouteContext {
  calls: RecordedCall[]
  faults: { readonly fault: Fault; left: number }[]
}

export async function createRecordingEngine(options: RecordingEngineOptions = {}): Promise<RecordingEngine> {
  const world = createWorld(options.socketPath ?? 'recording', options.clock ?? Date.now)
  if (options.script) world.script = options.script
  addNetwork(world, { Name: 'ingress', Driver: 'overlay', Ingress: true })
  for (const wish of options.nodes ?? [{ hostname: 'node-1' }]) addNode(world, wish)
  const context: Context = {
    world,
    images: options.images ?? {},
    apiVersion: options.apiVersion ?? '1.52',
    minApiVersion: options.minApiVersion ?? '1.44',
    calls: [],
    faults: [],
  }
  const server = createServer((request, response) => void serve(context, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    if (options.socketPath === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(options.socketPath, resolve)
  })
  const address = server.address()
  return {
    url: typeof address === 'object' && address ? `tcp://127.0.0.1:${address.port}` : `unix://${options.socketPath}`,
    world,
    get calls() {
      return context.calls
    },
    writes: () => context.calls.filter(({ method }) => method !== 'GET' && method !== 'HEAD'),
    matching: (method, path) => context.calls.filter((call) => matches({ method, path }, call)),
    forget: () => {
      context.calls = []
    },
    inject: (fault) => {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY }
      context.faults.push(entry)
      return () => {
        context.faults = context.faults.filter((one) => one !== entry)
      }
    },
    settle: (service, outcome) => settle(world, service, outcome),
    addNode: (wish) => void addNode(world, wish),
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serve(context: Context, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const call = await readRequest(incoming)
  context.calls.push(call)
  response.setHeader('api-version', context.apiVersion)
  response.setHeader('ostype', 'linux')
  response.setHeader('server', 'Docker/29.0.0 (linux)')
  const fault = take(context, call)
  try {
    await fault?.before?.(call)
    if (fault?.drop === 'before') return void response.destroy()
    if (fault?.status !== undefined) throw new Refusal(fault.status, fault.message ?? 'told to fail')
    checkVersion(context, call)
    const reply = answer(context, call)
    call.status = reply.status
    if (fault?.drop === 'after') return void response.destroy()
    send(response, reply)
  } catch (error) {
    call.status = error instanceof Refusal ? error.status : 500
    send(response, { status: call.status, value: { message: error instanceof Error ? error.message : String(error) } })
  }
}

/** As the version middleware of moby's api/server does, with the texts of Engine 29. */
function checkVersion({ apiVersion, minApiVersion }: Context, { version }: RecordedCall): void {
  if (version === '') return
  if (minor(version) < minor(minApiVersion)) {
    const advice = 'please upgrade your client to a newer version'
    throw new Refusal(
      400,
      `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, ${advice}`,
    )
  }
  if (minor(version) > minor(apiVersion)) {
    throw new Refusal(400, `client version ${version} is too new. Maximum supported API version is ${apiVersion}`)
  }
}

const minor = (version: string): number => Number(version.split('.')[1])

function take(context: Context, call: RecordedCall): Fault | undefined {
  const entry = context.faults.find((one) => one.left > 0 && matches(one.fault, call))
  if (entry) entry.left -= 1
  return entry?.fault
}

function matches(wanted: Pick<Fault, 'method' | 'path'>, { method, path }: RecordedCall): boolean {
  if (wanted.method !== undefined && wanted.method !== method) return false
  if (wanted.path instanceof RegExp) return wanted.path.test(path)
  return wanted.path === undefined || wanted.path === path
}
