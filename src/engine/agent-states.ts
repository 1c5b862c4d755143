import type { Agent, AgentRun } from '../model/agent.ts'
import type { Desired } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { AgentStatus, FleetStatus, ResourceStatus } from '../model/outcome.ts'
import type { View } from './view.ts'

/** The agents that the revision declares, each with its last run where it has a schedule. */
export function agentStates({ store, look }: View): Pick<FleetStatus, 'agents'> {
  const { agents } = look.desired
  if (agents.length === 0) return {}
  const runs = store.shelf<AgentRun>('run').all()
  const ofAgent = (key: string): readonly AgentRun[] =>
    runs.flatMap(({ value }) => (value.agent === key ? [value] : []))
  return { agents: agents.map((agent) => stateOf(agent, ofAgent(agent.key))) }
}

function stateOf(agent: Agent, runs: readonly AgentRun[]): AgentStatus {
  const { key, app, name, description, model, budget, schedule, ids } = agent
  const lastRun = schedule && newest(runs)
  return {
    ...{ key, app, name, ids },
    ...(description === undefined ? {} : { description }),
    ...(model === undefined ? {} : { model }),
    ...(budget === undefined ? {} : { budget }),
    ...(schedule ? { schedule } : {}),
    ...(lastRun ? { lastRun: told(lastRun) } : {}),
  }
}

/** Of several hosts that run it at the same time, the one that fared worst; one that goes on, and not what it is in the way of. */
function newest(all: readonly AgentRun[]): AgentRun | undefined {
  const goesOn = all.some(({ outcome }) => outcome === 'running')
  const runs = all.filter(({ outcome }) => !goesOn || outcome !== 'refused')
  const isWell = ({ outcome }: AgentRun): number => (outcome === 'succeeded' ? 1 : outcome === 'running' ? 0 : -1)
  const [first] = runs.sort((a, b) => Date.parse(b.tick) - Date.parse(a.tick) || isWell(a) - isWell(b))
  return first
}

/** What is kept for the next step of a run is nobody else's. */
const told = ({ agent, id, tick, outcome, message, startedAt, endedAt, cost, lines }: AgentRun): AgentRun => ({
  ...{ agent, id, tick, outcome, message, lines },
  ...(startedAt === undefined ? {} : { startedAt }),
  ...(endedAt === undefined ? {} : { endedAt }),
  ...(cost === undefined ? {} : { cost }),
})

/** Between its runs nothing of a scheduled agent runs: that is how it is to be. */
export function waitingAgents({ look }: Pick<View, 'look'>): ReadonlySet<ResourceId> {
  return new Set(look.desired.agents.flatMap(({ schedule, ids }) => (schedule ? ids : [])))
}

export const betweenRuns = (status: ResourceStatus, waiting: ReadonlySet<ResourceId>): ResourceStatus =>
  status.health === 'suspended' && waiting.has(status.id) ? { ...status, health: 'healthy' } : status

/**
 * What runs of an agent, by `Agent/name` or `target/Agent/name`; undefined where no agent is called so.
 * @throws ReconcileError where it runs in several places
 */
export function idOfAgent(text: string, { agents }: Pick<Desired, 'agents'>): ResourceId | undefined {
  const [, target, name] = /^(?:([^/]+)\/)?Agent\/([^/]+)$/.exec(text) ?? []
  if (name === undefined) return undefined
  const ids = agents.filter((agent) => agent.name === name).flatMap((agent) => agent.ids)
  const [only, second] = target === undefined ? ids : ids.filter((id) => partsOf(id).target === target)
  if (second === undefined) return only
  throw new ReconcileError('Usage', {
    message: `'${text}' runs in several places: ${ids.join(', ')}`,
    todo: 'write one of these',
  })
}
