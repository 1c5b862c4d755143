import { ReconcileError } from '../model/error.ts'
import type { LeftRun, Target } from '../model/target.ts'
import type { Calls, RunWorld } from './agent-runs.ts'
import { isOpen, type Runs } from './kept-run.ts'

interface Sweeping {
  readonly runs: Runs
  readonly calls: Calls
  failed(error: unknown): void
}

/**
 * Takes away what is left of runs that ended. Of each agent the newest stays: it says to another daemon, or to one without its
 * database, that it was started. It goes with its agent, and when that is another than the run was of: what it holds (a secret,
 * a network) may be in the way of a removal.
 */
export async function sweepRuns(world: RunWorld, sweeping: Sweeping): Promise<void> {
  const scheduled = world.agents.some(({ schedule }) => schedule !== undefined)
  if (world.isFrozen() || (!scheduled && sweeping.runs.all().length === 0)) return
  await Promise.all([...world.targets.values()].map((target) => sweepTarget(target, world, sweeping)))
}

async function sweepTarget({ runs: runner }: Target, world: RunWorld, sweeping: Sweeping): Promise<void> {
  if (!runner) return
  const { runs, calls, failed } = sweeping
  try {
    const left = await runner.list(calls)
    for (const run of left) {
      const mine = runs.get(run.id, run.tick)
      if ((mine && isOpen(mine)) || !isDone(run, left, world, calls)) continue
      const of = calls.recorded().get(run.id)
      const look = of && (await runner.look(run, of, calls))
      if (look?.state === 'running') continue
      await runner.clear(run, { ...calls, guard: () => calls.guardOf(run.id) })
    }
  } catch (error) {
    // It is tried again in an hour.
    if (!calls.signal.aborted && !(error instanceof ReconcileError)) failed(error)
  }
}

function isDone(run: LeftRun, left: readonly LeftRun[], { agents, isUnread }: RunWorld, { recorded }: Calls): boolean {
  const hasNewer = left.some(({ id, tick }) => id === run.id && Date.parse(tick) > Date.parse(run.tick))
  if (hasNewer) return true
  const known = recorded().get(run.id)
  if (agents.some(({ schedule, ids }) => schedule && ids.includes(run.id))) {
    return known !== undefined && known.digest !== run.digest
  }
  return known === undefined || !isUnread(known.app)
}
