import { UNREAD_TARGETS } from '../model/desired.ts'
import type { FleetPlan, FleetStatus } from '../model/outcome.ts'
import { formatProblem } from '../model/problem.ts'
import type { View } from './view.ts'

/** Whether each target answers; one whose document cannot be used is not asked, and that is said. */
export function targetStates({ look }: View): FleetStatus['targets'] {
  const asked = [...look.targets.keys()].map((name) => {
    const message = look.live.unreachable.get(name)
    const todo = look.live.todos.get(name)
    const lost = { ...(message === undefined ? {} : { message }), ...(todo === undefined ? {} : { todo }) }
    return { name, reachable: message === undefined, ...lost }
  })
  return [...asked, ...brokenTargets(look)]
}

/** Of a file that cannot be read nobody knows which it declares: it stands for them, unless one is named. */
function brokenTargets({ desired, targets }: View['look']): FleetStatus['targets'] {
  const broken = desired.brokenTargets.filter((name) => name !== '' && !targets.has(name))
  const named = broken.filter((name) => name !== UNREAD_TARGETS)
  const names = named.length > 0 ? named : broken
  if (names.length === 0) return []
  const errors = desired.problems.filter(
    ({ severity, app, position }) => severity === 'error' && app === undefined && /(^|\/)targets\//.test(position.path),
  )
  return names.map((name) => {
    const own = errors.find(({ message, position }) => `${position.path} ${message}`.includes(name)) ?? errors[0]
    const why = own === undefined ? '' : `: ${formatProblem(own)}`
    return { name, reachable: false, message: `its document has errors${why}`, todo: 'mend its document' }
  })
}

/** What ends it that a target is not seen, beside a plan. */
export function targetTodosOf({ look }: View): Pick<FleetPlan, 'targetTodos'> {
  return look.live.todos.size === 0 ? {} : { targetTodos: Object.fromEntries(look.live.todos) }
}
