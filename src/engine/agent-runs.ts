import type { Agent, AgentRun } from '../model/agent.ts'
import { ReconcileError } from '../model/error.ts'
import type { ResourceId } from '../model/id.ts'
import type { FleetOutcome } from '../model/outcome.ts'
import type { Collaborators } from '../reconcile/engine.ts'
import { refuseFrozen } from '../reconcile/operator.ts'
import type { View } from './view.ts'

/** The agent with a schedule that this is a part of: between its runs nothing of it runs. */
export const scheduledAgent = ({ look }: Pick<View, 'look'>, id: ResourceId): Agent | undefined =>
  look.desired.agents.find(({ schedule, ids }) => schedule !== undefined && ids.includes(id))

/** What the newest run of a scheduled agent said last, where that is over; undefined: its target tells. */
export function linesOfLastRun({ store }: Pick<View, 'store'>, id: ResourceId): readonly string[] | undefined {
  const runs = store.shelf<AgentRun>('run').all()
  const mine = runs.flatMap(({ value }) => (value.id === id && value.startedAt !== undefined ? [value] : []))
  const [newest] = mine.sort((a, b) => Date.parse(b.tick) - Date.parse(a.tick))
  return newest && newest.outcome !== 'running' ? newest.lines : undefined
}

/** A run by hand: the daemon begins it with its next step, and follows it as it does the others. */
export function beginRun(
  engine: Collaborators,
  agent: Agent,
  { id, by, reason }: { readonly id: ResourceId; readonly by: string; readonly reason?: string },
): FleetOutcome['apps'][number] {
  refuseFrozen(engine)
  if (!engine.runAgent) {
    throw new ReconcileError('Usage', {
      message: `${id} belongs to an agent with a schedule, whose runs a daemon starts and follows`,
      todo: 'start `swarmkeeper run`, and ask it (--url, or SWARMKEEPER_CLIENT_URL)',
    })
  }
  engine.runAgent(id, { by, ...(reason === undefined ? {} : { reason }) })
  const message = `a run of ${agent.name} begins; \`swarmkeeper status\` tells how it ends`
  const revision = engine.store.app(agent.app).lastApplied?.revision ?? ''
  return { app: agent.app, revision, outcome: 'done', message, steps: [], diagnosis: [], guards: [] }
}
