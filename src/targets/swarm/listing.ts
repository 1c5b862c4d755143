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
}

/**
 * One list call per object type, whatever the number of services (architecture, section 7). Tasks are listed in all
 * states, not only running ones: what failed tells a crash loop from a slow start. Measured on Engine 20.10 with 300
 * services that have each five tasks of history: see swarm.md 5 for what depends on it; the call takes a fraction of
 * a second, and asking by service instead would be refused as a whole when one of them is gone.
 */
export async function listSwarm(connection: Connection, signal: AbortSignal): Promise<Listing> {
  const list = <T>(path: string, query?: Readonly<Record<string, string>>): Promise<Rows<T>> =>
    connection.get(path, signal, query).then((rows) => ({ rows: (rows ?? []) as readonly T[] }), failedRows(signal))
  const [configs, services, tasks, nodes, networks, secrets] = await Promise.all([
    list<WireConfig>('/configs'),
    list<WireService>('/services', { status: 'true' }),
    list<WireTask>('/tasks'),
    list<WireNode>('/nodes'),
    list<WireNetwork>('/networks'),
    list<WireSecret>('/secrets'),
  ])
  if ('failed' in configs) throw configs.failed
  return { services, tasks, nodes, networks, secrets, configs: configs.rows }
}

const failedRows =
  (signal: AbortSignal) =>
  (error: unknown): { readonly failed: ReconcileError } => {
    if (signal.aborted || !(error instanceof ReconcileError)) throw error
    return { failed: error }
  }

export const rowsOf = <T>(rows: Rows<T>): readonly T[] => ('rows' in rows ? rows.rows : [])
