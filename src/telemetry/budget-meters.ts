import { Gauge, type Registry } from 'prom-client'
import type { FleetStatus } from '../model/outcome.ts'

const MILLION = 1_000_000

/** Of budgets, in their units (dollars, runs, tokens); `of`: the agent or user of one that is per agent or user. */
export function budgetMeters(registry: Registry) {
  const gauge = (name: string, help: string) => {
    const labelNames = ['budget', 'of', 'unit']
    return new Gauge({ name: `swarmkeeper_budget_${name}`, help, labelNames, registers: [registry] })
  }
  const spent = gauge('spent', 'Spent in the present window, as far as it is known.')
  const limit = gauge('limit', 'What may be spent in a window.')
  const halted = gauge('halted', '1 while its agents are stopped for it.')
  const unknown = gauge('unknown', '1 while some of what was spent is not known.')
  return {
    look: ({ budgets = [] }: FleetStatus): void => {
      for (const each of [spent, limit, halted, unknown]) each.reset()
      for (const state of budgets) {
        const { budget, of = '', unit, currency } = state
        const labels = { budget, of, unit: unit === 'cost' ? currency : unit }
        spent.set(labels, state.spent / MILLION)
        limit.set(labels, state.limit / MILLION)
        halted.set(labels, state.halted ? 1 : 0)
        unknown.set(labels, state.unknown ? 1 : 0)
      }
    },
  }
}
