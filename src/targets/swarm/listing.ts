import { ReconcileError } from '../../model/error.ts'
import type { Connection } from './connection.ts'
import type { WireConfig, WireNetwork, WireNode, WireSecret, WireService, WireTask } from './wire.ts'

/** Rows of one list call, or why there are none. */
export type Rows<T> = { readonly rows: readonly T[] } | { readonly failed: ReconcileError }

/** Everything that a Swarm holds, of one moment as nearly as its API allows. */
export interface Listing {
  readonly services: Rows<WireService>
  readonly tasks: Rows<WireTask>
  readonly nodes: Rows<WireNode>
  readonly networks: Rows<WireNetwork>
  readonly secrets: Rows<WireSecret>
  /** Always there: without them our own record is not known, and nothing can be said. */
  readonly configs: readonly WireConfig[]
  /** Ids of the services whose tasks were listed; undefined: all. */
  readonly tasksOf: ReadonlySet<string> | undefined
}

/** A look at so few services, in a Swarm of so many, lists the tasks of those only. */
const FEW = 20
const MANY = 50

/**
 * One list call per object type, whatever the number of services (architecture, section 7). Tasks are listed in all
 * states: what failed tells a crash loop from a slow start. A task of history costs 1.3 kB and 0.2 ms (Engine 20.10,
 * measured), so a Swarm of 300 services with full histories some 0.4 s: cheap for a tick, not for a look every second.
 * A look at a few services, which is how the engine waits for them, therefore lists services first and then only the
 * tasks of those.
 */
export async function listSwarm(
  connection: Connection,
  options: { readonly signal: AbortSignal; readonly services: ReadonlySet<string> },
): Promise<Listing> {
  const { signal } = options
  const list = <T>(path: string, query?: Readonly<Record<string, string>>): Promise<Rows<T>> =>
    connection.get(path, signal, query).then((rows) => ({ rows: (rows ?? []) as readonly T[] }), failedRows(signal))
  const servicesListed = list<WireService>('/services', { status: 'true' })
  const mayNarrow = options.services.size > 0 && options.services.size <= FEW
  const narrowed = servicesListed.then((services) => (mayNarrow ? idsToWatch(services, options.services) : undefined))
  const [configs, services, tasks, nodes, networks, secrets] = await Promise.all([
    list<WireConfig>('/configs'),
    servicesListed,
    listTasks(list, narrowed),
    list<WireNode>('/nodes'),
    list<WireNetwork>('/networks'),
    list<WireSecret>('/secrets'),
  ])
  if ('failed' in configs) throw configs.failed
  return { services, tasks, nodes, networks, secrets, configs: configs.rows, tasksOf: await narrowed }
}

/** Undefined: all of them. */
function idsToWatch(services: Rows<WireService>, names: ReadonlySet<string>): ReadonlySet<string> | undefined {
  const rows = rowsOf(services)
  if (rows.length <= MANY) return undefined
  const ids = rows.filter((service) => names.has(service.Spec.Name ?? '')).map((service) => service.ID)
  return ids.length > 0 ? new Set(ids) : undefined
}

type List = <T>(path: string, query?: Readonly<Record<string, string>>) => Promise<Rows<T>>

async function listTasks(list: List, narrowed: Promise<ReadonlySet<string> | undefined>): Promise<Rows<WireTask>> {
  const ids = await narrowed
  return list<WireTask>('/tasks', ids ? { filters: JSON.stringify({ service: [...ids] }) } : {})
}

const failedRows =
  (signal: AbortSignal) =>
  (error: unknown): { readonly failed: ReconcileError } => {
    if (signal.aborted || !(error instanceof ReconcileError)) throw error
    return { failed: error }
  }

export const rowsOf = <T>(rows: Rows<T>): readonly T[] => ('rows' in rows ? rows.rows : [])
