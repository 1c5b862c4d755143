import type { ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Observed } from '../model/live.ts'
import { LIVE_FORMAT, type Recorded, type Resource } from '../model/resource.ts'
import type { Collaborators } from './engine.ts'
import type { FleetLive } from './observe.ts'

/** Live as the record remembers it, for a plan that asks no target. */
export function liveOfRecord(
  engine: Collaborators,
  resources: readonly Resource[],
): FleetLive & { readonly identities: ReadonlyMap<string, string> } {
  const of = new Map<ResourceId, Observed>(resources.map((resource) => [resource.id, { state: 'absent' }]))
  for (const recorded of engine.store.record()) {
    if (recorded.state === 'intended') continue
    const owner = { who: 'us', app: recorded.app, digest: recorded.digest } as const
    of.set(recorded.id, {
      state: 'present',
      live: liveOf(recorded, engine.kinds),
      owner,
      health: { status: 'healthy' },
      version: 'record',
    })
  }
  const none = new Map()
  return { at: engine.clock.now(), of, facts: none, records: none, unreachable: none, todos: none, identities: none }
}

function liveOf({ kind, spec, format }: Recorded, kinds: Kinds): unknown {
  return format === LIVE_FORMAT ? spec : (kinds.get(kind)?.asApplied?.(spec) ?? spec)
}
