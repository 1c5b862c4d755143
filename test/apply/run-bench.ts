import type { RunContext, RunResult } from '../../src/apply/run-plan.ts'
import { runPlan } from '../../src/apply/run-plan.ts'
import type { EngineEvent } from '../../src/model/events.ts'
import type { Change, Goal, Plan } from '../../src/model/plan.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Store } from '../../src/model/store.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createMemoryTarget } from '../../src/targets/memory/memory-target.ts'
import { createMemoryWorld, type MemoryWorld } from '../../src/targets/memory/world.ts'
import { recordedOf } from '../support/changes.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { healthByValue } from '../support/fleet.ts'
import { testKinds } from '../support/kinds.ts'

const INSTALL = 'test'

/** One stage for each list of changes. */
export const planOf = (stages: readonly (readonly Change[])[], goal: Goal = 'desired'): Plan => ({
  app: 'web',
  goal,
  revision: 'r2',
  stages: stages.map((changes) => ({ changes, gates: [], pauseMs: 0 })),
  settled: [],
  held: [],
  forget: [],
})

export interface Bench {
  readonly store: Store
  readonly world: MemoryWorld
  readonly clock: FakeClock
  readonly events: EngineEvent[]
  readonly checked: string[]
  context: RunContext
  /** What is there, ours and recorded, before the plan. */
  given(...wanted: readonly Wanted[]): Promise<void>
  run(...stages: readonly (readonly Change[])[]): Promise<RunResult>
  /** `owned prod/Thing/a` */
  recorded(): readonly string[]
  /** `started create prod/Thing/a`: intents that are not closed. */
  open(): readonly string[]
}

/** Two targets in memory, `prod` and `edge`, and what a plan needs to run on them. */
export function createBench(): Bench {
  const worlds = new Map(['prod', 'edge'].map((name) => [name, createMemoryWorld(name)]))
  for (const world of worlds.values()) world.healthOf = healthByValue
  const targets = new Map(
    [...worlds].map(([name, world]) => [name, createMemoryTarget({ name, install: INSTALL, world, kinds: testKinds })]),
  )
  const [store, clock] = [createMemoryStore(), createFakeClock({ auto: true })]
  const signal = new AbortController().signal
  const [events, checked]: [EngineEvent[], string[]] = [[], []]
  const observe = async (resources: readonly Wanted[]) => {
    const live = await Promise.all([...targets.values()].map((target) => target.observe(resources, { signal })))
    const present = live.flatMap(({ of }) => [...of]).filter(([, { state }]) => state === 'present')
    return {
      at: clock.now(),
      of: new Map([...resources.map(({ id }) => [id, { state: 'absent' }] as const), ...present]),
      facts: new Map(),
    }
  }
  const bench: Bench = {
    store,
    clock,
    events,
    checked,
    world: worlds.get('prod') as MemoryWorld,
    context: {
      store,
      clock,
      kinds: testKinds,
      emit: (event) => events.push(event),
      signal,
      lasting: signal,
      attempt: 'attempt-1',
      targets,
      reveal: async (secret) => new Sensitive(secret),
      guard: async () => {},
      observe,
      runCheck: async ({ name }) => {
        checked.push(name)
        return { name, ok: !name.startsWith('bad'), message: 'status 500' }
      },
    },
    given: async (...wanted) => {
      for (const { id, kind, spec, app, digest } of wanted) {
        bench.world.objects.set(id, { kind, spec, stamp: { install: INSTALL, app, digest }, version: 1, starts: 1 })
      }
      store.putRecorded(wanted.map((one) => recordedOf(one)))
      await observe(wanted)
    },
    run: (...stages) => runPlan(planOf(stages), bench.context),
    recorded: () => store.record().map(({ state, id }) => `${state} ${id}`),
    open: () => store.openIntents().map(({ step, action, id }) => `${step} ${action} ${id}`),
  }
  return bench
}
