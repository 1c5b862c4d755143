import {
  configs,
  createContent,
  inspectContent,
  listContent,
  removeContent,
  secrets,
  updateContent,
} from './contents.ts'
import type { RecordedCall, Reply, Request } from './http.ts'
import { toRequest } from './http.ts'
import { inspectDistribution, type KnownImages } from './images.ts'
import { createNetwork, inspectNetwork, listNetworks, removeNetwork } from './networks.ts'
import { inspectNode, listNodes, updateNode } from './nodes.ts'
import { Refusal } from './refusal.ts'
import { updateService } from './service-updates.ts'
import { createService, inspectService, listServices, removeService } from './services.ts'
import { inspectTask, listTasks, serviceLogs } from './tasks.ts'
import type { World } from './world.ts'

export interface RouteContext {
  readonly world: World
  readonly images: KnownImages
  readonly apiVersion: string
  readonly minApiVersion: string
}

type Handler = (world: World, request: Request) => Reply

const contentRoutes = (kind: typeof configs): Readonly<Record<string, Handler>> => ({
  [`GET /${kind.what}s`]: (world, request) => listContent(kind, world, request),
  [`POST /${kind.what}s/create`]: (world, request) => createContent(kind, world, request),
  [`GET /${kind.what}s/*`]: (world, request) => inspectContent(kind, world, request),
  [`POST /${kind.what}s/*/update`]: (world, request) => updateContent(kind, world, request),
  [`DELETE /${kind.what}s/*`]: (world, request) => removeContent(kind, world, request),
})

/** `*` is one part of a path, the key of the request. */
const routes: Readonly<Record<string, Handler>> = {
  ...contentRoutes(configs),
  ...contentRoutes(secrets),
  'GET /services': listServices,
  'POST /services/create': createService,
  'GET /services/*': inspectService,
  'POST /services/*/update': updateService,
  'DELETE /services/*': removeService,
  'GET /services/*/logs': serviceLogs,
  'GET /tasks': listTasks,
  'GET /tasks/*': inspectTask,
  'GET /networks': listNetworks,
  'POST /networks/create': createNetwork,
  'GET /networks/*': inspectNetwork,
  'DELETE /networks/*': removeNetwork,
  'GET /nodes': listNodes,
  'GET /nodes/*': inspectNode,
  'POST /nodes/*/update': updateNode,
}

export function answer(context: RouteContext, call: RecordedCall): Reply {
  const { world } = context
  if (call.path === '/_ping') return { status: 200, raw: Buffer.from('OK'), type: 'text/plain; charset=utf-8' }
  if (call.path === '/info') return { status: 200, value: info(world) }
  if (call.path === '/version') return { status: 200, value: version(context) }
  if (call.path === '/swarm') return { status: 200, value: { ID: world.clusterId, Version: { Index: 10 } } }
  const image = /^\/distribution\/(.+)\/json$/.exec(call.path)?.[1]
  if (image !== undefined) return inspectDistribution(context.images, toRequest(call, image))
  const found = route(call)
  if (found === undefined) throw new Refusal(404, 'page not found')
  return found.handler(world, toRequest(call, found.key))
}

function route({ method, path }: RecordedCall): { readonly handler: Handler; readonly key: string } | undefined {
  const [, first = '', key = '', last] = path.split('/')
  const names = key === '' ? [`/${first}`] : [`/${first}/${key}`, `/${first}/*${last === undefined ? '' : `/${last}`}`]
  for (const name of names) {
    const handler = routes[`${method} ${name}`]
    if (handler) return { handler, key }
  }
  return undefined
}

function info(world: World): object {
  const manager = [...world.nodes.values()].find((node) => node.ManagerStatus?.Leader)
  return {
    ID: manager?.ID ?? '',
    Name: manager?.Description.Hostname ?? '',
    ServerVersion: '29.0.0',
    OSType: 'linux',
    Architecture: 'x86_64',
    Swarm: {
      NodeID: manager?.ID ?? '',
      NodeAddr: manager?.Status.Addr ?? '',
      LocalNodeState: 'active',
      ControlAvailable: true,
      Error: '',
      RemoteManagers: [],
      Nodes: world.nodes.size,
      Managers: [...world.nodes.values()].filter((node) => node.Spec.Role === 'manager').length,
      Cluster: { ID: world.clusterId, Version: { Index: 10 }, Spec: { Name: 'default', Labels: {} } },
    },
  }
}

function version({ apiVersion, minApiVersion }: RouteContext): object {
  return { Version: '29.0.0', ApiVersion: apiVersion, MinAPIVersion: minApiVersion, Os: 'linux', Arch: 'amd64' }
}
