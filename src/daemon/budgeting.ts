import type { Announcer } from '../announce/announcer.ts'
import { createBudgets } from '../budget/create-budgets.ts'
import type { Budgets } from '../budget/evaluation.ts'
import { prometheusNamed } from '../engine/prometheus.ts'
import type { View } from '../engine/view.ts'
import type { DesiredTarget } from '../model/desired.ts'
import { messageOf } from '../model/error.ts'
import type { Log } from '../model/log.ts'
import type { Collaborators } from '../reconcile/engine.ts'
import type { Ticks } from '../schedule/ticks.ts'
import type { Settings } from '../settings/settings.ts'
import { type Budgeting, createBudgeting } from './budgets.ts'
import type { Supervision } from './supervisors.ts'

export interface BudgetingParts {
  readonly settings: Settings
  readonly engine: Pick<Collaborators, 'store' | 'clock' | 'emit'>
  readonly ticks: Pick<Ticks, 'ask' | 'nudge'>
  readonly announcer: Pick<Announcer, 'onBudgets'>
  readonly supervision: Pick<Supervision, 'costToday'>
  readonly log: Log
}

/** Budgets with what they ask, and what carries them out. */
export function startBudgeting(parts: BudgetingParts): Budgeting & { readonly ledger: Budgets } {
  const { settings, engine, ticks, announcer, supervision, log } = parts
  const { store, clock, emit } = engine
  let targets: readonly DesiredTarget[] | undefined
  const budgets = createBudgets({
    ...{ store, clock, settings },
    prometheusFor: (name) => targets && prometheusNamed(name, targets, settings),
    supervisorCost: supervision.costToday,
    onReport: () => budgeting.nudge(),
  })
  /** A person's decision does not wait, and neither does a budget's stop. */
  const apply = (app: string, { stop }: { readonly stop: boolean }): void => {
    const asked = ticks.ask({ app, by: 'its budget', patient: true, decided: stop })
    asked.catch((error: unknown) => log.warn({ app }, `what its budget decided waits for a tick: ${messageOf(error)}`))
  }
  const changed = (): void => ticks.nudge()
  const budgeting = createBudgeting({ ...{ budgets, store, clock, emit, log, announcer, apply, changed } })
  return {
    ...budgeting,
    ledger: budgets,
    looked: (view: View) => {
      targets = view.look.desired.targets
      budgeting.looked(view)
    },
  }
}
