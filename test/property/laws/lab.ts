import { parseId, type ResourceId } from '../../../src/model/id.ts'
import type { AppOutcome } from '../../../src/model/outcome.ts'
import type { Store } from '../../../src/model/store.ts'
import type { RunOptions } from '../../../src/reconcile/engine.ts'
import type { MemoryObject } from '../../../src/targets/memory/world.ts'
import {
  createFleet,
  desiredOf,
  type FleetOptions,
  healthByValue,
  type TestFleet,
  type WrittenFleet,
} from '../../support/fleet.ts'
import type { TaskSpec, ThingSpec } from '../../support/kinds.ts'
import { createQuickStore } from '../../support/quick-store.ts'
import { BAKE_MS, FAILS_LATER } from './revisions.ts'

/** A fleet in memory with eyes: what ran, what was removed and by whom, what was refused. */
export interface Lab {
  readonly fleet: TestFleet
  /** Runs of each job since it was made: `id key` -> times. */
  readonly runs: Map<string, number>
  readonly removals: { readonly id: ResourceId; readonly by: string; readonly rollingBack: boolean }[]
  readonly conflicts: string[]
  /** Guards that a person has seen and confirmed. */
  readonly confirmed: Set<string>
  /** From now on, what fails while it bakes fails. */
  setLate(late: boolean): void
  commit(written: WrittenFleet, options?: FleetOptions): void
  /** Ids that the tip desires -> app. */
  desired(): ReadonlyMap<ResourceId, string>
}

export function createLab(makeStore: () => Store = createQuickStore): Lab {
  const fleet = createFleet()
  fleet.store = makeStore()
  const { world } = fleet
  const runs = new Map<string, number>()
  const removals: Lab['removals'] = []
  const conflicts: string[] = []
  let late = false
  let tip: ReadonlyMap<ResourceId, string> = new Map()
  let writer = ''
  let before: readonly ResourceId[] = []
  world.healthOf = (id, object) => (late && failsLater(object) ? { status: 'degraded' } : atFirst(id, object))
  world.beforeWrite = () => {
    before = [...world.objects.keys()]
  }
  world.afterWrite = (what) => {
    for (const id of before.filter((known) => !world.objects.has(known))) {
      const rollingBack = fleet.store.app(writer).attempt?.phase === 'rolling-back'
      removals.push({ id, by: writer, rollingBack })
      for (const key of [...runs.keys()]) if (key.startsWith(`${id} `)) runs.delete(key)
    }
    countRun(what, world.objects, runs)
  }
  fleet.events.push = (...events) => {
    for (const event of events) {
      if (event.type !== 'change') continue
      if (event.step === 'started') writer = event.app
      if (event.step === 'failed') conflicts.push(`${event.action} ${event.id}: ${event.message ?? ''}`)
    }
    return 0
  }
  return {
    fleet,
    runs,
    removals,
    conflicts,
    confirmed: new Set(),
    setLate: (next) => {
      late = next
    },
    commit: (written, options) => {
      late = false
      fleet.commit(written, options)
      const apps = [...desiredOf(written).apps.values()]
      tip = new Map(apps.flatMap((app) => app.wanted.map((wanted) => [wanted.id, app.app] as const)))
    },
    desired: () => tip,
  }
}

const failsLater = (object: MemoryObject): boolean =>
  object.kind === 'Thing' && (object.spec as ThingSpec).value >= FAILS_LATER

const atFirst = (id: ResourceId, object: MemoryObject) =>
  failsLater(object) ? ({ status: 'healthy', instance: String(object.starts) } as const) : healthByValue(id, object)

function countRun(what: string, objects: ReadonlyMap<ResourceId, MemoryObject>, runs: Map<string, number>): void {
  const [action = '', id = ''] = what.split(' ')
  const object = objects.get(id as ResourceId)
  if (object?.kind !== 'Task' || !['create', 'update', 'replace'].includes(action)) return
  const key = `${id} ${(object.spec as TaskSpec).runKey}`
  runs.set(key, (runs.get(key) ?? 0) + 1)
}

export interface Settled {
  /** What became of each app, in each run. */
  readonly outcomes: readonly (readonly AppOutcome[])[]
}

const MAX_RUNS = 14

/** Runs until nothing moves any more: guards are confirmed, time goes by, what fails while it bakes fails. */
export async function settle(lab: Lab, options: Partial<RunOptions> = {}): Promise<Settled> {
  const { fleet } = lab
  const outcomes: AppOutcome[][] = []
  const confirm = lab.confirmed
  for (let quiet = 0; quiet < 2; ) {
    if (outcomes.length > MAX_RUNS) throw new Error(`it does not come to rest: ${lastWords(outcomes)}`)
    const { apps } = await fleet.apply({ ...options, confirm: [...confirm] })
    outcomes.push([...apps])
    const guards = apps.flatMap((app) => app.guards).filter(isAnswered)
    for (const guard of guards) confirm.add(guard.name)
    const wrote = fleet.writes().length > 0 || hasAttempt(fleet)
    const moved = wrote || guards.length > 0 || apps.some((app) => MOVING.has(app.outcome))
    // What failed before its first write is tried again; for the rest, one quiet run is as good as two.
    quiet = moved ? 0 : quiet + (apps.some((app) => app.outcome === 'failed') ? 1 : 2)
    lab.setLate(true)
    fleet.clock.jump(BAKE_MS + 1)
  }
  return { outcomes }
}

/** Nobody goes past a maintenance window here. */
export const isAnswered = ({ name }: { readonly name: string }): boolean => !name.startsWith('window:')

const MOVING: ReadonlySet<string> = new Set(['applied', 'healed', 'proven', 'rolled-back', 'rolling-back', 'unknown'])

const hasAttempt = (fleet: TestFleet): boolean => fleet.store.apps().some((state) => state.attempt !== undefined)

const lastWords = (outcomes: readonly (readonly AppOutcome[])[]): string =>
  outcomes
    .slice(-3)
    .map((apps) => apps.map((app) => `${app.app} ${app.outcome} ${app.message ?? ''}`).join('; '))
    .join(' | ')

/** What stands in the world, without counters: id -> app and spec. */
export function standing(lab: Lab): Readonly<Record<string, unknown>> {
  const { fleet } = lab
  const apps = new Map(fleet.store.record().map((recorded) => [recorded.id, recorded.app]))
  const entries = [...fleet.world.objects].map(([id, object]) => [id, { app: apps.get(id), spec: object.spec }])
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}

export const kindOfId = (id: string): string => parseId(id)?.kind ?? ''

export type Standing = ReturnType<typeof standing>

export const specIn = (standings: Standing, id: string): unknown =>
  (standings[id] as { readonly spec?: unknown } | undefined)?.spec
