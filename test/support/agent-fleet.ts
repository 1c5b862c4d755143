import { statusOf } from '../../src/engine/views.ts'
import { KINDS } from '../../src/kinds/registry.ts'
import type { ServiceSpec } from '../../src/kinds/service/spec.ts'
import type { Desired } from '../../src/model/desired.ts'
import type { Kinds } from '../../src/model/kind.ts'
import type { AppOutcome, FleetStatus } from '../../src/model/outcome.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Store } from '../../src/model/store.ts'
import type { Collaborators, RunOptions } from '../../src/reconcile/engine.ts'
import { reconcileFleet } from '../../src/reconcile/fleet.ts'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { planApps } from '../../src/reconcile/plan-apps.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createMemoryTarget } from '../../src/targets/memory/memory-target.ts'
import { createMemoryWorld, type MemoryObject, type MemoryWorld } from '../../src/targets/memory/world.ts'
import { createFakeClock } from './fake-clock.ts'

/** Documents as the product reads them, reconciled in memory with the kinds of the product. */
export interface AgentFleet {
  readonly store: Store
  readonly world: (target: string) => MemoryWorld
  /** A new revision; gives its commit. */
  commit(desired: Desired): string
  apply(options?: Partial<RunOptions>): Promise<AppOutcome | undefined>
  status(): Promise<FleetStatus>
  readonly now: () => Date
  /** Writes since the last time this was asked, without those of the targets' own records. */
  writes(): readonly string[]
}

export function createAgentFleet(app: string): AgentFleet {
  const worlds = new Map<string, MemoryWorld>()
  const revisions: Desired[] = []
  const store = createMemoryStore()
  const clock = createFakeClock({ auto: true })
  const engine = collaboratorsOf({ store, clock, revisions, world })
  const ask = { by: 'test', signal: new AbortController().signal }
  return {
    store,
    world,
    now: () => clock.now(),
    commit: (desired) => commitOf(revisions.push(desired) - 1),
    apply: async (options = {}) =>
      (await reconcileFleet(engine, { ...ask, ...options })).apps.find((outcome) => outcome.app === app),
    status: async () => {
      const look = await lookAtFleet(engine, { ...ask, readOnly: true })
      return statusOf({ install: 'test', store, look, planned: await planApps(engine, look, ask) })
    },
    writes: () =>
      [...worlds.values()].flatMap((one) => one.writes.splice(0)).filter((what) => !what.startsWith('record ')),
  }

  function world(name: string): MemoryWorld {
    const known = worlds.get(name) ?? createMemoryWorld(`id-of-${name}`)
    known.healthOf = healthIn(known)
    worlds.set(name, known)
    return known
  }
}

/** A service without replicas rests; what runs fails where it, or a file beside it, says `does-not-start`. */
function healthIn({ objects }: MemoryWorld): MemoryWorld['healthOf'] {
  const saysSo = ({ spec }: MemoryObject): boolean => {
    const text = JSON.stringify(spec)
    const [, base64 = ''] = /"base64":"([^"]*)"/.exec(text) ?? []
    return `${text} ${Buffer.from(base64, 'base64')}`.includes('does-not-start')
  }
  return (_, { kind, spec, starts }) => {
    const runs = kind === 'Service' || kind === 'Unit' || kind === 'Program'
    if (runs && [...objects.values()].some(saysSo)) return { status: 'degraded', message: 'exit code 1' }
    const rests = kind === 'Service' && (spec as ServiceSpec).replicas === 0
    return { status: rests ? 'suspended' : 'healthy', instance: String(starts) }
  }
}

/** In memory, what is live is the spec that was applied: as its kind would see it on a target. */
const IN_MEMORY: Kinds = new Map(
  [...KINDS].map(([name, kind]) => [
    name,
    { ...kind, compare: (spec, live) => kind.compare(spec, kind.asApplied ? kind.asApplied(live) : live) },
  ]),
)

const commitOf = (index: number): string => (index + 1).toString(16).padStart(40, '0')

function collaboratorsOf({
  store,
  clock,
  revisions,
  world,
}: {
  readonly store: Store
  readonly clock: Collaborators['clock']
  readonly revisions: readonly Desired[]
  readonly world: (name: string) => MemoryWorld
}): Collaborators {
  const at = (commit: string): Desired => {
    const found = revisions[Number.parseInt(commit, 16) - 1]
    if (!found) throw new Error(`no revision ${commit}`)
    return found
  }
  let ids = 0
  return {
    install: 'test',
    holder: 'the test',
    kinds: IN_MEMORY,
    store,
    source: {
      resolve: async ({ revision }) => {
        const commit = revision ?? commitOf(revisions.length - 1)
        return { commit, tree: commit }
      },
      read: async (revision) => ({ revision, files: new Map(), refused: [], blob: async () => Buffer.alloc(0) }),
      descends: async () => true,
      merged: async ({ head }) => ({ revision: { commit: head, tree: head } }),
      between: async () => [],
      dispose: async () => {},
    },
    clock,
    emit: () => {},
    random: () => 0.5,
    newId: () => {
      ids += 1
      return `attempt-${ids}`
    },
    openTarget: ({ name }) => createMemoryTarget({ name, install: 'test', world: world(name), kinds: IN_MEMORY }),
    render: async (snapshot) => at(snapshot.revision.commit),
    reveal: async (secret) => new Sensitive(secret),
    runCheck: async ({ name }) => ({ name, ok: true, message: 'ok' }),
    appsAtOnce: 4,
  }
}
