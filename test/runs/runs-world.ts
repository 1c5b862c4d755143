import type { Agent, RunKey, RunLook } from '../../src/model/agent.ts'
import { digestOf } from '../../src/model/digest.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { EngineEvent } from '../../src/model/events.ts'
import type { ResourceId } from '../../src/model/id.ts'
import { defaultHandling } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Store } from '../../src/model/store.ts'
import type { Runner, Target } from '../../src/model/target.ts'
import type { Hindrance } from '../../src/runs/advance-run.ts'
import { type AgentRuns, createAgentRuns } from '../../src/runs/agent-runs.ts'
import type { KeptRun } from '../../src/runs/kept-run.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { agentOf, ID } from './agents.ts'

/** A place that runs agents, in memory: what two daemons of one install both see. */
export function createPlace() {
  const there = new Map<string, RunLook & { readonly tick: string; readonly id: ResourceId }>()
  const key = ({ id, tick }: RunKey): string => `${id} ${tick}`
  const started: string[] = []
  const cleared: string[] = []
  const trouble: { start?: Error; look?: Error } = {}
  let now: () => Date = () => new Date(0)
  const runner: Runner = {
    start: async (run, _of, { guard }) => {
      await guard()
      if (trouble.start) throw trouble.start
      if ([...there.values()].some(({ id, tick }) => id === run.id && tick >= run.tick)) return
      started.push(run.tick.slice(11, 16))
      there.set(key(run), { ...run, state: 'running', startedAt: now().toISOString() })
    },
    look: async (run) => {
      if (trouble.look) throw trouble.look
      return there.get(key(run)) ?? { state: 'absent' }
    },
    stop: async (run, _of, { guard }) => {
      await guard()
      end(run.tick, { ok: false, message: 'it was stopped' })
      return ['last words']
    },
    clear: async (run) => {
      cleared.push(run.tick.slice(11, 16))
      there.delete(key(run))
    },
    list: async () => [...there.values()].map(({ id, tick }) => ({ id, tick, digest: DIGEST })),
  }
  const end = (tick: string, how: { ok: boolean; message: string; lines?: readonly string[] }): void => {
    for (const [at, run] of there) {
      if (run.state !== 'running' || !run.tick.includes(tick)) continue
      there.set(at, { ...run, state: 'ended', endedAt: now().toISOString(), lines: [], ...how })
    }
  }
  return {
    runner,
    started,
    cleared,
    trouble,
    end,
    lose: () => there.clear(),
    /** The clock of the place is so far behind. */
    setBack: (ms: number) => {
      for (const [at, run] of there) {
        if (run.state === 'running')
          there.set(at, { ...run, startedAt: new Date(Date.parse(run.startedAt) - ms).toISOString() })
      }
    },
    by: (clock: FakeClock) => (now = clock.now),
  }
}

export type Place = ReturnType<typeof createPlace>

const DIGEST = digestOf({ replicas: 0 })

export interface Daemon {
  readonly store: Store
  readonly events: readonly EngineEvent[]
  readonly world: {
    agents: readonly Agent[]
    unread: boolean
    why: Hindrance | undefined
    halt: string | undefined
    spent: number
    /** In which that was spent. */
    window: string
  }
  /** Takes a step at this minute of the day: `07:00:01`. */
  at(time: string): Promise<void>
  /** A person asks for a run. */
  ask(): void
  /** As after a kill: of the same database. */
  restart(): void
  /** `07:00 succeeded: exit code 0` */
  runs(): readonly string[]
  last(): KeptRun
}

/** A daemon of its own database on a place. */
export function createDaemonOn(
  place: Place,
  options: { readonly agent?: Agent; readonly lease?: { held: boolean } } = {},
): Daemon {
  const { agent = agentOf(), lease = { held: true } } = options
  const store = createMemoryStore()
  const clock = createFakeClock({ start: '2026-11-21T00:00:00Z' })
  place.by(clock)
  const events: EngineEvent[] = []
  const [id] = agent.ids
  store.putRecorded([
    {
      ...{ id: id ?? ID, kind: 'Service', spec: { replicas: 0 }, digest: DIGEST, app: agent.app },
      ...{ handling: defaultHandling, format: 1, state: 'owned' },
    },
  ])
  const world: Daemon['world'] = {
    agents: [agent],
    unread: false,
    why: undefined,
    halt: undefined,
    spent: 0,
    window: '',
  }
  let runs: AgentRuns
  const look = (): void =>
    runs.looked({
      agents: world.agents,
      isFrozen: () => store.fleet().frozen !== undefined,
      isUnread: () => world.unread,
      targets: new Map([['prod', { name: 'prod', runs: place.runner } as Target]]),
      hindrance: () => world.why,
      halted: () => world.halt,
      spent: () => ({ micros: world.spent, currency: 'USD', window: world.window }),
    })
  const start = (): void => {
    runs = createAgentRuns({
      ...{ store, clock },
      emit: (event) => void events.push(event),
      reveal: async () => new Sensitive(''),
      leases: () => ({
        guard: async () => {
          if (!lease.held) throw new ReconcileError('LeaseHeld', { message: 'another writes' })
        },
        release: async () => {},
      }),
      scrub: (line) => line.replaceAll('hunter2', '[REDACTED]'),
      ended: () => {},
      failed: (error) => {
        throw error
      },
    })
  }
  start()
  const kept = (): readonly KeptRun[] =>
    store
      .shelf<KeptRun>('run')
      .all()
      .map(({ value }) => value)
  return {
    store,
    events,
    world,
    at: async (time) => {
      clock.jump(Date.parse(`2026-11-21T${time}Z`) - clock.now().getTime())
      place.by(clock)
      look()
      await runs.step(new AbortController().signal)
    },
    ask: () => runs.ask(ID, 'ada'),
    restart: start,
    runs: () => kept().map(({ tick, outcome, message }) => `${tick.slice(11, 16)} ${outcome}: ${message}`),
    last: () => {
      const last = kept().at(-1)
      if (!last) throw new Error('no run was kept')
      return last
    },
  }
}
