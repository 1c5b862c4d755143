import { Counter, Histogram, type Registry } from 'prom-client'
import type { EngineEvent } from '../model/events.ts'
import type { FleetStatus } from '../model/outcome.ts'
import { forgetGone } from './forget-gone.ts'

const SECONDS = [1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 21_600]

/** Runs of scheduled agents. */
export function runMeters(registry: Registry) {
  const registers = [registry]
  const runs = new Counter({
    name: 'swarmkeeper_agent_runs_total',
    help: 'Runs of the scheduled agent, by what became of them.',
    labelNames: ['agent', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'swarmkeeper_agent_run_duration_seconds',
    help: 'How long runs of the scheduled agent took.',
    labelNames: ['agent'],
    buckets: SECONDS,
    registers,
  })
  return {
    event: (event: EngineEvent): void => {
      if (event.type !== 'agent:run' || event.outcome === 'running') return
      runs.inc({ agent: event.agent, outcome: event.outcome })
      if (event.tookMs !== undefined) durations.observe({ agent: event.agent }, event.tookMs / 1000)
    },
    keepOnly: async ({ agents = [] }: FleetStatus): Promise<void> => {
      const there = new Set(agents.flatMap(({ key, schedule }) => (schedule ? [key] : [])))
      await forgetGone<'agent' | 'outcome'>(runs, 'agent', there)
    },
  }
}
