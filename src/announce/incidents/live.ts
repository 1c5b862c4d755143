import { driftOf, restingIn } from '../../engine/views.ts'
import { groupBy } from '../../lib/group-by.ts'
import type { DriftItem } from '../../model/engine.ts'
import { messageOf, ReconcileError } from '../../model/error.ts'
import { partsOf } from '../../model/id.ts'
import { heldGroups } from '../../plan/hold.ts'
import type { PlannedApp } from '../../reconcile/plan-apps.ts'
import { describeDiff } from '../../report/describe-change.ts'
import { type Found, firstLines, type Seen } from './found.ts'

/** Of each app one: what differs, what becomes of it, and what accepts it. */
export function driftIn({ view }: Seen): readonly Found[] {
  const items = driftOf(view).items.filter(({ app, next }) => next !== 'ignored' && !isBeingWritten(app, view))
  return [...groupBy(items, ({ app }) => app)].flatMap(([app, all]): readonly Found[] => {
    const [first] = all
    if (!first) return []
    const what = all.length === 1 ? `${first.id} has drifted` : `${all.length} resources have drifted`
    const stays = all.some(({ next }) => next !== 'heal')
    return [
      {
        incident: {
          key: `drift:${app}`,
          type: 'drift',
          severity: 'warning',
          app,
          title: `${app}: ${what}${stays ? '' : ', and is put right'}`,
          lines: [...firstLines(all.flatMap(driftLines)), ...waysOut(stays)],
          command: 'swarmkeeper drift --as-patch',
        },
      },
    ]
  })
}

/** A look that an apply of the app came into shows what was before the write beside the record of after it: that is no drift. */
function isBeingWritten(app: string, { store, busy }: Pick<Seen['view'], 'store' | 'busy'>): boolean {
  if (busy?.has(app)) return true
  const phase = store.app(app).attempt?.phase
  return phase === 'applying' || phase === 'rolling-back'
}

const driftLines = ({ id, next, message, diffs }: DriftItem): readonly string[] => [
  `${id}: ${next === 'heal' ? [message, 'the next apply puts it right'].filter((part) => part).join('; ') : (message ?? next)}`,
  // A variable that somebody set by hand may hold a secret.
  ...diffs.flatMap((diff) => describeDiff(diff, { hideUndeclared: true })).map((line) => `  ${line}`),
]

const waysOut = (stays: boolean): readonly string[] =>
  stays
    ? ['to accept it, merge what the command prints; to put it right, set `drift: heal` or change it back by hand']
    : ['to accept it, merge what the command prints before it is put right']

/** What runs badly although nobody is changing it; what an attempt does, and what failed in one, is told by that. */
export function unhealthyIn(planned: PlannedApp, { view }: Seen): readonly Found[] {
  const { app, goal } = planned
  const state = view.store.app(app)
  if (state.attempt) return []
  const held = new Set(heldGroups(state).flatMap(({ members }) => members.map(({ id }) => id)))
  // A target calls what a person or a budget stopped degraded: by its document it would run.
  const resting = restingIn(planned, view)
  const bad = goal.wanted.flatMap(({ id }) => {
    const observed = view.look.live.of.get(id)
    if (held.has(id) || resting.has(id) || observed?.state !== 'present' || observed.owner.who !== 'us') return []
    const { status, message } = observed.health
    return status === 'degraded' ? [{ id, message: message ?? status }] : []
  })
  const [first] = bad
  if (!first) return []
  return [
    {
      incident: {
        key: `unhealthy:${app}`,
        type: 'unhealthy',
        severity: 'critical',
        app,
        title: `${app}: ${bad.length === 1 ? `${first.id} is` : `${bad.length} resources are`} unhealthy`,
        lines: firstLines(bad.map(({ id, message }) => `${id}: ${message}`)),
        command: `swarmkeeper logs ${first.id}`,
      },
      // How bad is another number at each look.
      material: bad.map(({ id }) => id).join(' '),
      looks: 2,
    },
  ]
}

export function targetsIn({ view: { look } }: Seen): readonly Found[] {
  return [...look.live.unreachable].map(([target, message]): Found => {
    const unknown = [...look.live.of].filter(([id, { state }]) => state === 'unknown' && partsOf(id).target === target)
    const todo = look.live.todos.get(target)
    return {
      incident: {
        key: `target:${target}`,
        type: 'target-unreachable',
        severity: 'critical',
        title: `target ${target} cannot be reached`,
        lines: [
          message,
          `${unknown.length} resources on it are unknown`,
          ...(todo === undefined ? [] : [`=> ${todo}`]),
        ],
        command: 'swarmkeeper doctor',
      },
      material: target,
      looks: 3,
    }
  })
}

export function sourceFound(message: string): Found {
  return {
    incident: {
      key: 'source',
      type: 'source-unreachable',
      severity: 'critical',
      title: 'the repository cannot be reached: what it declared last stands, and nothing is pruned',
      lines: [message],
      command: 'swarmkeeper doctor',
    },
    material: '',
    looks: 3,
  }
}

/** A look that could not be taken at all: nothing is known of the fleet, and nothing is applied. */
export function lookFailed(error: unknown): Found {
  const reason = error instanceof ReconcileError ? error.reason : undefined
  if (reason === 'SourceUnreachable') return sourceFound(messageOf(error))
  const refused = reason === 'SourceRefused'
  return {
    incident: {
      key: refused ? 'refused' : 'look',
      type: refused ? 'invalid' : 'alert',
      severity: 'critical',
      title: refused ? 'the revision cannot be read: nothing of it is applied' : 'no look can be taken at the fleet',
      lines: [messageOf(error), ...(error instanceof ReconcileError ? [`=> ${error.todo}`] : [])],
      command: 'swarmkeeper doctor',
    },
    material: reason ?? '',
    looks: 3,
  }
}

const HOUR_MS = 3_600_000

/** What expires is told before, for then it changes what runs: an hour, or a tenth of it where it is shorter. */
export function suspensionIn({ app, goal, input }: PlannedApp, { view, now }: Seen): readonly Found[] {
  const { suspension } = view.store.app(app)
  if (!suspension) return []
  const until = Date.parse(suspension.until)
  const left = until - now.getTime()
  const warning = Math.min(HOUR_MS, (until - Date.parse(suspension.since)) / 10)
  if (left <= 0 || left > warning) return []
  const resting = new Map(goal.wanted.map((wanted) => [wanted.id, wanted.digest]))
  const wakes = goal.base.filter(({ id, digest }) => resting.get(id) !== digest).map(({ id }) => id)
  const revision = input.state.lastApplied?.revision.slice(0, 12)
  const why = suspension.reason === '' ? '' : `: ${suspension.reason}`
  return [
    {
      incident: {
        key: `suspension:${app}`,
        type: 'suspension-ending',
        severity: 'warning',
        app,
        title: `${app}: its suspension ends soon, and it runs again`,
        lines: [
          `suspended by ${suspension.by}${why}`,
          ...firstLines(wakes.map((id) => `runs again: ${id}`)),
          ...(revision === undefined ? [] : [`at ${revision}`]),
        ],
        command: `swarmkeeper suspend ${app} --for 1h`,
      },
      material: suspension.until,
    },
  ]
}
