import { didYouMean } from '../lib/nearest.ts'
import { ReconcileError } from '../model/error.ts'
import { windowGuard } from '../plan/hold-window.ts'
import { isKeyGuard } from './key-print.ts'
import { targetGuard } from './observe.ts'
import { type PlanContext, planApps } from './plan-apps.ts'
import { failuresGuard, failuresGuardOf } from './ways-out.ts'

/** What names of guards look like: `prune:APP:DIGEST`, and one word with the commit that it is about. */
const GUARD_NAME = /^(prune:.+:[0-9a-f]{8}|key:[0-9a-f]{8}|(window|failures|revision):[0-9a-z]{1,12})$/

/**
 * A word that no guard is called is a slip of the hand, and refused; one that was right once (what it confirmed was done,
 * or is another thing by now) confirms nothing, and is said to.
 * @throws ReconcileError `Usage`
 */
export async function checkConfirmations(context: PlanContext): Promise<void> {
  const { engine, options } = context
  if (options.confirm === undefined || options.confirm.length === 0) return
  const pending = await pendingGuards(context)
  refuseUnknown(options.confirm, pending)
  for (const name of options.confirm) {
    if (!pending.includes(name) && !isOfThisRevision(name, context)) {
      engine.emit({ type: 'guard:not-pending', name, pending })
    }
  }
}

export function refuseUnknown(names: readonly string[], pending: readonly string[]): void {
  const unknown = names.find((name) => !GUARD_NAME.test(name) && !pending.includes(name))
  if (unknown === undefined) return
  const there = pending.length === 0 ? 'no guard waits for a person' : `waiting for a person: ${pending.join(', ')}`
  throw new ReconcileError('Usage', {
    message: `no guard is called '${unknown}'${didYouMean(unknown, pending)}`,
    todo: `${there}; \`swarmkeeper plan\` shows each with what it holds`,
  })
}

/** `rebuild` confirms one thing alone: that another Swarm or host answers under a known name. */
export function refuseUnknownTargets(names: readonly string[], targets: Iterable<string>): void {
  const guards = [...targets].map(targetGuard)
  const unknown = names.find((name) => !guards.includes(name))
  if (unknown === undefined) return
  throw new ReconcileError('Usage', {
    message: `a rebuild confirms no '${unknown}'${didYouMean(unknown, guards)}`,
    todo: guards.length === 0 ? 'no target is declared' : `what it can confirm: ${guards.join(', ')}`,
  })
}

/** Said before it is needed: the word for what may yet fail, or for a window that holds only drift. */
const isOfThisRevision = (name: string, { engine, look }: PlanContext): boolean =>
  isKeyGuard(name, engine) ||
  name === failuresGuardOf(look.revision) ||
  (look.denying !== undefined && name === windowGuard(look.revision))

async function pendingGuards({ engine, look, options }: PlanContext): Promise<readonly string[]> {
  const planned = await planApps(engine, look, { ...options, confirm: [] })
  const names = planned.flatMap(({ app, guards }) => {
    const failures = failuresGuard(engine.store.app(app), { engine, look })
    return [...guards, ...(failures ? [failures] : [])].map((guard) => guard.name)
  })
  const astray = look.astray === undefined ? [] : [`revision:${look.revision.slice(0, 12)}`]
  return [...new Set([...astray, ...names])]
}
