import type { Reply, Request } from './http.ts'
import { notFound } from './refusal.ts'
import { serviceOf } from './services.ts'
import { find, type World } from './world.ts'

export function listTasks(world: World, { filters }: Request): Reply {
  const wanted = filters(['desired-state', 'id', 'label', 'name', 'node', 'runtime', 'service', 'up-to-date'])
  const services = wanted.service?.map((key) => find(world.services, key, ({ Spec }) => Spec.Name)?.ID ?? key)
  const nodes = wanted.node?.map((key) => find(world.nodes, key, ({ Description }) => Description.Hostname)?.ID ?? key)
  const states = wanted['desired-state']
  const tasks = [...world.tasks.values()].filter(
    (task) =>
      (services === undefined || services.includes(task.ServiceID)) &&
      (nodes === undefined || nodes.includes(task.NodeID ?? '')) &&
      (states === undefined || states.includes(task.DesiredState)) &&
      (wanted.id === undefined || wanted.id.some((id) => task.ID.startsWith(id))),
  )
  return { status: 200, value: tasks }
}

export function inspectTask(world: World, { key }: Request): Reply {
  const task = world.tasks.get(key)
  if (task === undefined) throw notFound('task', key)
  return { status: 200, value: task }
}

/** Lines as the engine frames them where there is no terminal: stream, three zeros, length, text. */
export function serviceLogs(world: World, { key, query }: Request): Reply {
  const service = serviceOf(world, key)
  const lines = world.logs.get(service.Spec.Name) ?? []
  const count = Number(query.get('tail') ?? lines.length)
  const frames = lines.slice(-(Number.isNaN(count) ? lines.length : count)).map(frame)
  return { status: 200, raw: Buffer.concat(frames), type: 'application/vnd.docker.multiplexed-stream' }
}

function frame(line: string): Buffer {
  const text = Buffer.from(`${line}\n`)
  const head = Buffer.alloc(8)
  head[0] = 1
  head.writeUInt32BE(text.length, 4)
  return Buffer.concat([head, text])
}
