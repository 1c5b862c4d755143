import type { AgentRun } from '../model/agent.ts'
import type { Micros } from '../model/budget.ts'
import type { ResourceId } from '../model/id.ts'
import type { Shelf } from '../model/shelf.ts'

/**
 * A run as it is kept. Its intent is written before it is asked for (rule 14): `running` without `startedAt`.
 *
 *   intended --found there, or started--> started --ended--> succeeded, failed
 *            --may not start------------> refused          --took too long, halted--> stopped
 *            --its time is over---------> missed           --nothing left of it-----> unknown
 *            --refused by its target----> failed
 */
export interface KeptRun extends AgentRun {
  /** ISO time at which it was decided. */
  readonly askedAt: string
  /** May start later than its time: in place of those that were missed, or a person asked for it. */
  readonly late?: true
  /** Who asked for it. */
  readonly by?: string
  /** What its budget's sources had counted for the agent when it began, in the window that began then (ISO time). */
  readonly spent?: { readonly micros: Micros; readonly currency: string; readonly window?: string }
  /** Its time went by: it is only looked for, since another daemon may have started it; where it is not, this is told. */
  readonly overdue?: string
  /** What the last attempt to start it got. `refused`: by its target, and not by chance. */
  readonly trouble?: { readonly message: string; readonly refused: boolean }
}

/** Kept of each agent, on each of its targets. */
const KEPT = 50

export const isOpen = ({ outcome }: Pick<AgentRun, 'outcome'>): boolean => outcome === 'running'

/** The runs of scheduled agents, by what they are of and their time. What is on the shelf is read once: nobody else writes it. */
export interface Runs {
  get(id: ResourceId, tick: string): KeptRun | undefined
  put(run: KeptRun): void
  all(): readonly KeptRun[]
  open(): readonly KeptRun[]
  /** Older ones of the same agent and target go. */
  trim(run: KeptRun): void
}

export function createRuns(shelf: Shelf<KeptRun>): Runs {
  const keyOf = (id: ResourceId, tick: string): string => `${id} ${tick}`
  const known = new Map(shelf.all().map(({ key, value }) => [key, value]))
  return {
    get: (id, tick) => known.get(keyOf(id, tick)),
    put: (run) => {
      const key = keyOf(run.id, run.tick)
      shelf.put(key, run, run.tick)
      known.set(key, run)
    },
    all: () => [...known.values()],
    open: () => [...known.values()].filter(isOpen),
    trim: ({ agent, id }) => {
      const mine = [...known.values()].filter((run) => run.agent === agent && run.id === id && !isOpen(run))
      const oldest = mine.sort((a, b) => Date.parse(a.tick) - Date.parse(b.tick))
      for (const { tick } of oldest.slice(0, Math.max(0, mine.length - KEPT))) {
        shelf.drop(keyOf(id, tick))
        known.delete(keyOf(id, tick))
      }
    },
  }
}
