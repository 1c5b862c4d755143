import type { AppState, HeldGroup } from '../../model/app-state.ts'
import type { AppReport } from '../../model/revision-report.ts'
import { heldGroups } from '../../plan/hold.ts'
import { retryCommand } from '../../reconcile/ways-out.ts'
import { type Found, lastLines, type Seen } from './found.ts'

/** By the state of an app alone: it failed, and was rolled back or stopped for a person. */
export function failedIn(app: string, seen: Seen): readonly Found[] {
  const state = seen.view.store.app(app)
  return [
    ...heldGroups(state).map((group, index, all) => heldFound(group, { app, seen, newest: index === all.length - 1 })),
    ...stalledFound(state, seen),
    ...stuckRollback(state),
    ...failingFound(state, seen),
  ]
}

interface Of {
  readonly app: string
  readonly seen: Seen
  /** Of several groups: what was reported last is about this one. */
  readonly newest: boolean
}

function heldFound(group: HeldGroup, { app, seen, newest }: Of): Found {
  const { revision, reason, message, keepAt, at } = group
  const back = keepAt === 'last-good'
  const report = newest ? seen.failureOf(app) : undefined
  const words = back ? 'failed and was rolled back' : 'failed, and stays as it is for you to look at'
  return {
    incident: {
      key: `${back ? 'failed' : 'held-back'}:${app}:${revision}`,
      type: back ? 'failed' : 'held-back',
      severity: back ? 'warning' : 'critical',
      app,
      title: `${app}: ${revision.slice(0, 12)} ${words}`,
      lines: [`${reason}: ${message}`, ...detailLines(report)],
      command: retryCommand(app, atOf(seen)),
    },
    // A retry that failed again is news, though it failed for the same reason.
    material: `${revision} ${at}`,
  }
}

function detailLines(report: AppReport | undefined): readonly string[] {
  if (!report) return []
  const { revision, images = [] } = report.running ?? {}
  const now = [...(revision === undefined ? [] : [revision.slice(0, 12)]), ...images]
  return [...lastLines(report.diagnosis), ...(now.length > 0 ? [`runs now: ${now.join(', ')}`] : [])]
}

const atOf = ({ view }: Seen) => ({ engine: { store: view.store }, look: view.look })

function stalledFound({ app, stalled }: AppState, seen: Seen): readonly Found[] {
  const desired = seen.view.look.apps.get(app)
  if (!stalled || (desired !== undefined && stalled.digest !== desired.digest)) return []
  const { reason, message, at } = stalled
  return [
    {
      incident: {
        key: `stalled:${app}`,
        type: 'stalled',
        severity: 'critical',
        app,
        title: `${app}: stalled, and nothing of it is changed until a person looks`,
        lines: [`${reason}: ${message}`, ...detailLines(seen.failureOf(app))],
        command: retryCommand(app, atOf(seen)),
      },
      material: at,
    },
  ]
}

/** A rollback that is under way is told at its end, unless that does not come. */
function stuckRollback({ app, attempt, late = [] }: AppState): readonly Found[] {
  const stuck = [attempt, ...late].find((one) => one?.phase === 'rolling-back')
  if (!stuck) return []
  const { reason = 'Aborted', message = 'interrupted' } = stuck.failure ?? {}
  return [
    {
      incident: {
        key: `rolling-back:${app}`,
        type: 'failed',
        severity: 'critical',
        app,
        title: `${app}: ${stuck.revision.slice(0, 12)} failed, and its rollback does not come to an end`,
        lines: [`${reason}: ${message}`, 'a step of it is unknown; it is tried again at each look'],
        command: 'swarmkeeper status',
      },
      looks: 3,
    },
  ]
}

/** Before the first write, or drift that cannot be healed: tried again, and told when that failed as well. */
function failingFound({ app, failures, attempt }: AppState, { view }: Seen): readonly Found[] {
  if (failures < 2 || attempt) return []
  const last = view.store.history({ app, limit: 50 }).find(({ what }) => what === 'failed')
  if (!last) return []
  return [
    {
      incident: {
        key: `failing:${app}`,
        type: 'failed',
        severity: 'warning',
        app,
        title: `${app}: cannot be applied, and is tried again`,
        lines: [last.message],
        command: `swarmkeeper apply --app ${app}`,
      },
      material: last.revision,
    },
  ]
}
