import type { Agent, AgentRun } from '../../model/agent.ts'
import type { Incident } from '../../model/incident.ts'
import type { Store } from '../../model/store.ts'
import { type Found, lastLines } from './found.ts'

/** Runs end between the looks: no look tells of them. */
export const isOfRun = ({ key }: Pick<Incident, 'key'>): boolean => key.startsWith('run:')

/** What became of a run that was to be: that one was refused is told by what it was refused for. */
const TELLING: ReadonlySet<AgentRun['outcome']> = new Set(['succeeded', 'failed', 'stopped', 'missed', 'unknown'])

const WORDS: Readonly<Record<string, string>> = {
  failed: 'failed',
  stopped: 'was stopped',
  missed: 'was missed',
  unknown: 'is lost: nobody knows how it ended',
}

/** Of each agent on each of its targets: its newest run that tells anything, where that is nothing good. */
export function runsNow(store: Pick<Store, 'shelf'>, agents: readonly Agent[]): readonly Found[] {
  const newest = new Map<string, AgentRun>()
  for (const { value } of store.shelf<AgentRun>('run').all()) {
    const before = newest.get(value.id)
    if (TELLING.has(value.outcome) && (!before || Date.parse(before.tick) < Date.parse(value.tick))) {
      newest.set(value.id, value)
    }
  }
  return agents.flatMap((agent) => {
    const ids = agent.schedule ? agent.ids : []
    return ids.flatMap((id) => {
      const run = newest.get(id)
      return run?.agent === agent.key && run.outcome !== 'succeeded' ? [runFound(agent, run)] : []
    })
  })
}

function runFound({ app, name }: Agent, { id, tick, outcome, message, lines }: AgentRun): Found {
  return {
    incident: {
      key: `run:${id}`,
      type: 'run',
      severity: 'warning',
      app,
      title: `${app}: the run of ${name} ${WORDS[outcome] ?? outcome}`,
      lines: [`${id}, due ${tick.slice(0, 16).replace('T', ' ')}Z: ${message}`, ...lastLines(lines)],
      command: `swarmkeeper logs Agent/${name}`,
    },
    // The next one that fails is news, though it fails for the same reason.
    material: tick,
  }
}
