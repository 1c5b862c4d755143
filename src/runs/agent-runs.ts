import type { Agent } from '../model/agent.ts'
import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { Emit } from '../model/events.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Recorded } from '../model/resource.ts'
import type { Store } from '../model/store.ts'
import type { ApplyOptions, CallOptions, Target } from '../model/target.ts'
import { advanceRun, type Hindrance, type RunPlace } from './advance-run.ts'
import { createTimetable, MINUTE_MS, type Timetable } from './due.ts'
import { createRuns, type KeptRun } from './kept-run.ts'
import { planRuns, shortTime } from './plan-runs.ts'
import { sweepRuns } from './sweep-runs.ts'
import { keepRun, keptOf, tellRun } from './tell-run.ts'

/** What the last look at the fleet tells that runs depend on. */
export interface RunWorld {
  readonly agents: readonly Agent[]
  /** Its document, or one of its app, could not be read: nothing follows from its absence. */
  isUnread(app: string): boolean
  readonly targets: ReadonlyMap<string, Target>
  /** Nothing may be written. */
  isFrozen(): boolean
  hindrance(agent: Agent, id: ResourceId): Hindrance | undefined
  halted(agent: Agent, id: ResourceId): string | undefined
  spent(agent: Agent): KeptRun['spent']
}

export interface AgentRunsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly emit: Emit
  reveal: ApplyOptions['reveal']
  /** The right to write, for one step. */
  leases(
    targets: ReadonlyMap<string, Target>,
    call: CallOptions,
  ): {
    guard(target: string): Promise<void>
    release(): Promise<void>
  }
  /** Takes known secrets out of a line. */
  scrub(line: string): string
  /** After a run ended. */
  ended(run: KeptRun): void
  /** What went wrong and is no word of a target's. */
  failed(error: unknown): void
}

/** Starts runs at their time, follows them to their end, and keeps what became of each. */
export interface AgentRuns {
  looked(world: RunWorld): void
  /** What is due is kept and begun, what goes on is looked at. */
  step(signal: AbortSignal): Promise<void>
  /**
   * A run now, that a person asks for; it begins with the next step.
   * @throws ReconcileError `Usage`: the run before still goes on; `GuardHeld`: it may not start now
   */
  ask(id: ResourceId, by: string): void
  /** Milliseconds until the next one. */
  waitMs(): number
}

const AT_ONCE = 4
/** Young runs are looked at often: most of what fails, fails at once. */
const SOON_MS = 1_000
const LATER_MS = 5_000
const YOUNG_MS = 30_000
const SWEEP_MS = 3_600_000

export function createAgentRuns(options: AgentRunsOptions): AgentRuns {
  const { store, clock } = options
  const runs = createRuns(store.shelf<KeptRun>('run'))
  const looked = store.shelf<Readonly<Record<string, string>>>('schedule')
  const timetables = new Map<string, Timetable>()
  /** As it was last read, of an agent whose document cannot be read now. */
  const known = new Map<string, Agent>()
  let world: RunWorld | undefined
  let sweptAt: number | undefined

  const timetable = (schedule: NonNullable<Agent['schedule']>): Timetable => {
    const key = `${schedule.timezone} ${schedule.cron}`
    const found = timetables.get(key) ?? createTimetable(schedule)
    timetables.set(key, found)
    return found
  }
  const plan = (now: Date, { agents, hindrance }: RunWorld): void => {
    const before = looked.get(LOOKED) ?? {}
    const planned = planRuns({
      ...{ agents, now, timetable, looked: new Map(Object.entries(before)) },
      open: runs.open(),
      isKnown: (id, tick) => runs.get(id, tick) !== undefined,
      hindrance: (agent, id) => {
        const why = hindrance(agent, id)
        return why?.wait ? undefined : why?.message
      },
    })
    const after = Object.fromEntries(planned.looked)
    if (JSON.stringify(after) === JSON.stringify(before)) return
    const kept = planned.decisions.map((decision) => keptOf(decision, now))
    store.transaction(() => {
      looked.put(LOOKED, after, now.toISOString())
      for (const run of kept) keepRun(run, { ...options, runs })
    })
    for (const run of kept) tellRun(run, undefined, options)
  }
  const advance = async (run: KeptRun, of: RunWorld, calls: Calls): Promise<void> => {
    const place = placeOf(run, of, { calls, known, now: clock.now() })
    if (!place) return
    const next = await advanceRun(run, place, calls)
    if (next === run) return
    const scrubbed = { ...next, lines: next.lines.map(options.scrub), message: options.scrub(next.message) }
    store.transaction(() => keepRun(scrubbed, { ...options, runs }))
    tellRun(scrubbed, run, options)
  }
  return {
    looked: (next) => {
      if (world && scheduledIn(world) !== scheduledIn(next)) sweptAt = undefined
      world = next
      for (const agent of next.agents) known.set(agent.key, agent)
    },
    step: async (signal) => {
      const now = clock.now()
      const of = world
      if (!of) return
      plan(now, of)
      const leases = options.leases(of.targets, { signal })
      const { reveal } = options
      const recorded = once(() => new Map(store.record().map((one) => [one.id, one])))
      const calls: Calls = {
        signal,
        reveal,
        guardOf: (id) => leases.guard(partsOf(id).target),
        recorded,
        guard: async () => {},
      }
      try {
        const open = runs.open()
        await inParallel(open, AT_ONCE, async (run) => {
          try {
            await advance(run, of, { ...calls, guard: () => calls.guardOf(run.id) })
          } catch (error) {
            if (!signal.aborted) options.failed(error)
          }
        })
        const hasEnded = open.some(({ id, tick }) => runs.get(id, tick)?.outcome !== 'running')
        if (hasEnded || sweptAt === undefined || now.getTime() - sweptAt > SWEEP_MS) {
          sweptAt = now.getTime()
          await sweepRuns(of, { runs, calls, failed: options.failed })
        }
      } finally {
        await leases.release()
      }
    },
    ask: (id, by) => {
      const now = clock.now()
      const agent = world?.agents.find(({ schedule, ids }) => schedule && ids.includes(id))
      if (!world || !agent) throw new ReconcileError('NotFound', { message: `no agent with a schedule runs as ${id}` })
      refuseToRun(agent, id, { open: runs.open(), world })
      // Its name goes by the second: two in one are one.
      const tick = new Date(Math.floor(now.getTime() / 1000) * 1000).toISOString()
      const message = `asked for by ${by}`
      const run: KeptRun = {
        agent: agent.key,
        id,
        tick,
        askedAt: now.toISOString(),
        by,
        late: true,
        outcome: 'running',
        message,
        lines: [],
      }
      store.transaction(() => keepRun(run, { ...options, runs }))
    },
    waitMs: () => {
      const now = clock.now().getTime()
      const minute = MINUTE_MS - (now % MINUTE_MS)
      const pauses = runs.open().map(({ askedAt }) => (now - Date.parse(askedAt) < YOUNG_MS ? SOON_MS : LATER_MS))
      return Math.min(minute, ...pauses)
    },
  }
}

function refuseToRun(
  agent: Agent,
  id: ResourceId,
  { open, world }: { readonly open: readonly KeptRun[]; readonly world: RunWorld },
): void {
  const going = open.find((run) => run.id === id)
  if (going) {
    const todo = `\`swarmkeeper logs Agent/${agent.name}\` shows how far it is; ask again when it ended`
    throw new ReconcileError('Usage', { message: `the run of ${shortTime(going.tick)} still goes on`, todo })
  }
  const why = world.hindrance(agent, id)
  if (why) throw new ReconcileError('GuardHeld', { message: why.message })
}

export interface Calls extends CallOptions, Pick<ApplyOptions, 'reveal' | 'guard'> {
  guardOf(id: ResourceId): Promise<void>
  recorded(): ReadonlyMap<ResourceId, Recorded>
}

const scheduledIn = ({ agents }: RunWorld): string =>
  agents.flatMap(({ schedule, ids }) => (schedule ? ids : [])).join('\n')

/** All in one: a write for all agents each minute. */
const LOOKED = 'looked'

interface Placing {
  readonly calls: Calls
  readonly known: ReadonlyMap<string, Agent>
  readonly now: Date
}

/** Undefined: nobody knows what is declared of its agent now. */
function placeOf(run: KeptRun, world: RunWorld, { calls, known, now }: Placing): RunPlace | undefined {
  const app = run.agent.slice(0, run.agent.indexOf('/'))
  const declared = world.agents.find(({ key, schedule, ids }) => key === run.agent && schedule && ids.includes(run.id))
  const agent = declared ?? (world.isUnread(app) ? known.get(run.agent) : undefined)
  if (!agent && world.isUnread(app)) return undefined
  return {
    ...{ now, agent, of: calls.recorded().get(run.id) },
    runner: world.targets.get(partsOf(run.id).target)?.runs,
    hindrance: () => agent && world.hindrance(agent, run.id),
    halted: () => agent && world.halted(agent, run.id),
    frozen: world.isFrozen(),
    spent: () => agent && world.spent(agent),
  }
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => {
    known ??= { value: read() }
    return known.value
  }
}

async function inParallel<T>(items: readonly T[], count: number, body: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await body(next)
  }
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, work))
}
