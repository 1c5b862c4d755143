import { pendingGuards } from '../../engine/attention.ts'
import { isUnread } from '../../engine/view.ts'
import { groupBy } from '../../lib/group-by.ts'
import { commandOf } from '../../model/outcome.ts'
import type { HeldWhy } from '../../model/plan.ts'
import { formatProblem, type Problem } from '../../model/problem.ts'
import type { PlannedApp } from '../../reconcile/plan-apps.ts'
import { heldTodo, wayOut } from '../../reconcile/ways-out.ts'
import { astrayIn } from '../astray.ts'
import { type Found, firstLines, type Seen } from './found.ts'

/** What waits for a person: guards, what is not ours, data that would be left behind. The same guard is told once. */
export function guardsIn({ view }: Seen): readonly Found[] {
  const all = view.planned.flatMap((planned) =>
    // Frozen, astray: said for the fleet. The end of a window needs nobody.
    pendingGuards(planned, view)
      .filter(({ name }) => !name.startsWith('window:'))
      .map((guard) => ({ app: planned.app, guard })),
  )
  return [...groupBy(all, ({ guard }) => guard.name).values()].flatMap((same): readonly Found[] => {
    const [first, second] = same
    if (!first) return []
    const { app, guard } = first
    const names = same.map((one) => one.app)
    const about = second ? '' : `${app}: `
    return [
      {
        incident: {
          key: `guard:${guard.name}`,
          type: 'guard',
          severity: 'warning',
          ...(second ? {} : { app }),
          title: `${about}${guard.message}`,
          lines: second ? firstLines(names.map((name) => `waits: ${name}`)) : [],
          command: commandOf(guard),
        },
        material: guard.message,
      },
    ]
  })
}

const WAITS: ReadonlySet<HeldWhy> = new Set(['conflict', 'data'])

export function waitingIn(planned: PlannedApp, { view }: Seen): readonly Found[] {
  const held = planned.blocked ? [] : planned.plan.held.filter(({ why }) => WAITS.has(why))
  const [first] = held
  if (!first) return []
  const lines = held.flatMap((entry) => {
    const todo = heldTodo(entry, planned, view.look)
    return [`${entry.id}: ${entry.message}`, ...(todo === undefined ? [] : [`  => ${todo}`])]
  })
  const { app } = planned
  return [
    {
      incident: {
        key: `waits:${app}`,
        type: 'guard',
        severity: 'warning',
        app,
        title: `${app}: ${held.length === 1 ? first.id : `${held.length} resources`} cannot be changed without a person`,
        lines: firstLines(lines),
      },
    },
  ]
}

/** Said elsewhere: by the fleet, by the state of the app, or by the clock. */
const SAID: ReadonlySet<string> = new Set([
  'Backoff',
  'Usage',
  'Stalled',
  'GuardHeld',
  'RecordDisagrees',
  'RevisionNotDescendant',
])

/** What cannot work as things are: no image of that name, no node that can hold it. */
export function blockedIn(planned: PlannedApp): readonly Found[] {
  const { app, blocked, unfit } = planned
  const found = (key: string, title: string, lines: readonly string[], todo?: string): Found => ({
    incident: { key, type: 'failed', severity: 'warning', app, title, ...withWayOut(lines, todo) },
    looks: 2,
  })
  const cannot = unfit.filter(({ comesAfter }) => comesAfter === undefined)
  return [
    ...(blocked && !SAID.has(blocked.reason) && !isUnread(planned)
      ? [found(`blocked:${app}`, `${app}: cannot be applied: ${blocked.reason}`, [blocked.message], blocked.todo)]
      : []),
    ...(cannot.length > 0
      ? [
          found(
            `unfit:${app}`,
            `${app}: cannot work as things are`,
            firstLines(cannot.map(({ id, message }) => `${id}: ${message}`)),
          ),
        ]
      : []),
  ]
}

/** What is shown as typed is one command; what only says what to do stands among the lines. */
function withWayOut(lines: readonly string[], todo: string | undefined): Pick<Found['incident'], 'lines' | 'command'> {
  const [, why, command] = /^(?:(.*): )?(swarmkeeper .*)$/s.exec(todo ?? '') ?? []
  if (command === undefined) return { lines: todo === undefined ? lines : [...lines, `=> ${todo}`] }
  return { lines: why === undefined ? lines : [...lines, why], command }
}

/** Documents of the tracked branch that cannot be read: by app, and one for what concerns the whole fleet. */
export function invalidIn({ view: { look } }: Seen): readonly Found[] {
  const errors = look.desired.problems.filter(({ severity }) => severity === 'error')
  return [...groupBy(errors, ({ app }) => app)].map(([app, problems]) => invalidFound(app, problems))
}

function invalidFound(app: string | undefined, problems: readonly Problem[]): Found {
  const what = `${problems.length === 1 ? 'a document' : `${problems.length} places`} cannot be read`
  const rest = 'it stays as it is'
  return {
    incident: {
      key: app === undefined ? 'invalid' : `invalid:${app}`,
      type: 'invalid',
      severity: 'warning',
      ...(app === undefined ? {} : { app }),
      title: app === undefined ? `${what}: nothing is pruned until then` : `${app}: ${what}; ${rest} until then`,
      lines: firstLines(problems.map(formatProblem)),
      command: 'swarmkeeper validate',
    },
  }
}

/** What keeps every app from being applied. */
export function fleetWaits({ view: { store, look } }: Seen): readonly Found[] {
  const { frozen } = store.fleet()
  const astray = astrayIn({ store, look })
  const at = { engine: { store }, look }
  const found = (key: string, severity: 'info' | 'warning' | 'critical', title: string, todo?: string): Found => ({
    incident: { key, type: 'guard', severity, title, ...withWayOut([], todo) },
  })
  const why = frozen?.reason ? `: ${frozen.reason}` : ''
  return [
    ...(frozen ? [found('frozen', 'info', `the fleet is frozen by ${frozen.by}${why}`, 'swarmkeeper unfreeze')] : []),
    ...(look.observeOnly ? [found('observe-only', 'critical', look.observeOnly, 'swarmkeeper rebuild')] : []),
    ...(astray ? [found(`revision:${look.revision}`, 'warning', astray, wayOut('RevisionNotDescendant', '', at))] : []),
  ]
}
