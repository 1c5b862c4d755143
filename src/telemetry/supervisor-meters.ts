import { Gauge, type Registry } from 'prom-client'
import type { FleetStatus } from '../model/outcome.ts'

const STATUSES = ['online', 'degraded', 'offline', 'unknown'] as const

/** Of agent supervisors. What one does not tell has no series: it is not nought. */
export function supervisorMeters(registry: Registry) {
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge<L>({ name: `swarmkeeper_supervisor_${name}`, help, labelNames, registers: [registry] })
  const up = gauge('up', '1 while the agent supervisor answers.', ['supervisor'])
  const nodes = gauge('nodes', 'Nodes that it lists, or should, by what it says of them.', ['supervisor', 'status'])
  const drift = gauge('credential_drift', 'Nodes whose credentials are not those that it gave.', ['supervisor'])
  const lookedAt = gauge('last_look_timestamp_seconds', 'When it was asked last.', ['supervisor'])
  return {
    look: ({ supervisors = [] }: FleetStatus): void => {
      for (const each of [up, nodes, drift, lookedAt]) each.reset()
      for (const { target, at, unreachable, nodes: known } of supervisors) {
        if (at === undefined) continue
        const supervisor = target
        up.set({ supervisor }, unreachable === undefined ? 1 : 0)
        lookedAt.set({ supervisor }, Date.parse(at) / 1000)
        if (known === undefined) continue
        for (const status of STATUSES) {
          nodes.set({ supervisor, status }, known.filter((node) => node.status === status).length)
        }
        const isKnown = known.some(({ credentials }) => credentials !== 'unknown')
        const drifted = known.filter(({ credentials }) => credentials === 'drift_detected').length
        if (isKnown) drift.set({ supervisor }, drifted)
      }
    },
  }
}
