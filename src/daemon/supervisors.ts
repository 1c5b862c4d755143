import type { View } from '../engine/view.ts'
import { parseDuration } from '../lib/duration.ts'
import type { Clock } from '../model/clock.ts'
import { type DesiredTarget, isPlace } from '../model/desired.ts'
import type { AskOptions, DoctorFinding } from '../model/engine.ts'
import type { Store } from '../model/store.ts'
import type { SupervisorState } from '../model/supervisor.ts'
import type { AgentSupervisor } from '../model/written/agent-supervisor.ts'
import type { Settings } from '../settings/settings.ts'
import { createSupervisor, type SupervisorCost } from '../supervisors/supervisor.ts'

export interface SupervisionOptions {
  readonly settings: Pick<Settings, 'credentials' | 'allowedAddresses'>
  readonly store: Pick<Store, 'shelf'>
  readonly clock: Clock
  /** What one tells has changed: people are told with the next look at the fleet. */
  readonly changed: () => void
}

/** Looks at the agent supervisors that the tracked branch declares, each at its own interval. */
export interface Supervision {
  /** After each look at the fleet. */
  declare(view: View): void
  /** Looks at those that are due; called often, and asks seldom. */
  lookAtDue(signal: AbortSignal): Promise<void>
  /** For budgets: what was paid today, in total or for a project, or why nobody knows; undefined before the first look. */
  costToday(
    of: { readonly target: string; readonly project?: string },
    signal: AbortSignal,
  ): Promise<SupervisorCost | undefined>
}

/** How often it is seen who is due. */
export const DUE_MS = 1000
const INTERVAL_MS = 60_000
const SHORTEST_MS = 2000

export function createSupervision(options: SupervisionOptions): Supervision {
  const { settings, store, clock, changed } = options
  const shelf = store.shelf<SupervisorState>('supervisor')
  const lookedAt = new Map<string, number>()
  let declared: readonly DesiredTarget[] = []
  let isRead = false

  const isDue = (target: DesiredTarget): boolean =>
    clock.monotonic() - (lookedAt.get(target.name) ?? Number.NEGATIVE_INFINITY) >= intervalOf(target)

  const look = async (target: DesiredTarget, signal: AbortSignal): Promise<void> => {
    lookedAt.set(target.name, clock.monotonic())
    const before = shelf.get(target.name)
    const state = await createSupervisor(target, { settings }).look(before, clock.now(), { signal })
    // It may be declared no more since it was asked.
    if (!declared.some(({ name }) => name === target.name)) return
    shelf.put(target.name, state, state.at ?? '')
    if (wordsOf(before) !== wordsOf(state)) changed()
  }

  return {
    declare: ({ look: { desired } }) => {
      declared = desired.targets.filter((target) => !isPlace(target))
      isRead = true
      // A document that cannot be read now is one that is to be mended.
      if (desired.brokenTargets.length > 0) return
      const names = new Set(declared.map(({ name }) => name))
      for (const { key } of shelf.all()) if (!names.has(key)) shelf.drop(key)
    },
    lookAtDue: async (signal) => {
      await Promise.all(declared.filter(isDue).map((target) => look(target, signal)))
    },
    costToday: async ({ target: name, project }, signal) => {
      if (!isRead) return undefined
      const target = declared.find((one) => one.name === name)
      if (!target) return { unknown: `no AgentSupervisor is called '${name}'` }
      return createSupervisor(target, { settings }).costToday(project, { signal })
    },
  }
}

const intervalOf = ({ config }: DesiredTarget): number => {
  const { interval } = config as AgentSupervisor
  return Math.max(SHORTEST_MS, interval === undefined ? INTERVAL_MS : parseDuration(interval))
}

/** All of it that is no time: by this, something has changed. */
const wordsOf = (state: SupervisorState | undefined): string => {
  const { at: _at, nodes = [], ...rest } = state ?? { target: '', absent: [] }
  return JSON.stringify([rest, nodes.map(({ heardAt: _heard, last: _last, ...words }) => words)])
}

/** What `doctor` says of them. */
export async function examineSupervisors(
  targets: readonly DesiredTarget[],
  settings: Pick<Settings, 'credentials' | 'allowedAddresses'>,
  ask: AskOptions,
): Promise<readonly DoctorFinding[]> {
  const declared = targets.filter((target) => !isPlace(target))
  return (await Promise.all(declared.map((target) => createSupervisor(target, { settings }).examine(ask)))).flat()
}
