import { groupBy } from '../lib/group-by.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Plan } from '../model/plan.ts'
import type { Paint } from './paint.ts'
import { plural, printable } from './printable.ts'

interface Unknown {
  readonly id: ResourceId
  readonly app: string
  readonly message: string
}

/** A target that did not answer: one message for everything on it. */
export interface LostTarget {
  readonly target: string
  readonly message: string
  /** App -> how many of its resources are unknown by it. */
  readonly apps: ReadonlyMap<string, number>
  readonly ids: ReadonlySet<ResourceId>
}

/** Where all that is unknown of a target has one reason, and there is more of it than one, the target is the news. */
export function lostTargets(plans: readonly Plan[]): readonly LostTarget[] {
  const unknown = plans.flatMap(({ app, held }) =>
    held.filter(({ why }) => why === 'unknown').map(({ id, message }) => ({ id, app, message })),
  )
  return lostAmong(unknown)
}

export function lostAmong(unknown: readonly Unknown[]): readonly LostTarget[] {
  const byTarget = groupBy(unknown, ({ id }) => partsOf(id).target)
  return [...byTarget].flatMap(([target, all]) => {
    // Of what is to be pruned the message says that first.
    const message = [...all].sort((a, b) => a.message.length - b.message.length)[0]?.message ?? ''
    if (all.length < 2 || !all.every((one) => one.message.endsWith(message))) return []
    const apps = new Map([...groupBy(all, ({ app }) => app)].map(([app, of]) => [app, of.length]))
    return [{ target, message, apps, ids: new Set(all.map(({ id }) => id)) }]
  })
}

/** The reason once, then how much it costs. */
export function renderLostTargets(
  lost: readonly LostTarget[],
  paint: Paint,
  todos: Readonly<Record<string, string>> = {},
): readonly string[] {
  return lost.flatMap(({ target, message, apps, ids }) => {
    const each = [...apps].map(([app, count]) => `${app} ${count}`).join(', ')
    return [
      paint.bad(`✗ target ${target}: ${printable(message)}`),
      `    ${plural(ids.size, 'resource')} unknown: ${each}`,
      ...todoOf(todos[target], paint),
    ]
  })
}

/** Of targets of which only one thing is unknown, which stands beside its app. */
export function renderTodos(
  plans: readonly Plan[],
  { lost, todos }: { readonly lost: readonly LostTarget[]; readonly todos: Readonly<Record<string, string>> },
  paint: Paint,
): readonly string[] {
  const held = plans.flatMap((plan) => withoutLost(plan.held, lost)).filter(({ why }) => why === 'unknown')
  const targets = new Set(held.map(({ id }) => partsOf(id).target))
  return [...targets].flatMap((target) =>
    todos[target] === undefined ? [] : [paint.bad(`✗ target ${target}`), ...todoOf(todos[target], paint)],
  )
}

const todoOf = (todo: string | undefined, paint: Paint): readonly string[] =>
  todo === undefined ? [] : [`    ${paint.accent('=>')} ${printable(todo)}`]

export const withoutLost = (held: Plan['held'], lost: readonly LostTarget[]): Plan['held'] =>
  held.filter((entry) => entry.why !== 'unknown' || !lost.some(({ ids }) => ids.has(entry.id)))
