import { didYouMean } from '../lib/nearest.ts'
import { UNREAD_TARGETS } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Store } from '../model/store.ts'
import type { Collaborators } from './engine.ts'
import { type Decision, refuseFrozen } from './operator.ts'

/**
 * Lets go of what is recorded on a target that no document declares any more (rule 13). Nothing is written there: it stays
 * as it is, and whoever declares the target again finds it by the target's own record.
 * @throws ReconcileError `Usage`, `NotFound`
 */
export function forgetTarget(
  { store, clock }: Pick<Collaborators, 'store' | 'clock'>,
  target: string,
  decision: Decision & { readonly declared: readonly string[] },
): readonly ResourceId[] {
  refuseFrozen({ store })
  const isThere = ({ id }: { readonly id: ResourceId }): boolean => partsOf(id).target === target
  const left = store.record().filter(isThere)
  refuseUnlessOrphaned(target, left.length, { store, declared: decision.declared })
  store.transaction(() => {
    store.forget(left.map(({ id }) => id))
    for (const { app } of store.apps()) {
      const good = store.lastGood(app)
      if (good.some(isThere))
        store.setLastGood(
          app,
          good.filter((resource) => !isThere(resource)),
        )
    }
    const { [target]: _gone, ...targets } = store.fleet().targets
    store.putFleet({ ...store.fleet(), targets })
    const revision = store.fleet().lastApplied ?? ''
    const message = `forgot ${target}, with ${left.length} of ours on it`
    store.addHistory({ at: clock.now().toISOString(), app: '', revision, what: 'operator', message, by: decision.by })
  })
  return left.map(({ id }) => id)
}

function refuseUnlessOrphaned(
  target: string,
  left: number,
  { store, declared }: { readonly store: Store; readonly declared: readonly string[] },
): void {
  if (declared.includes(target)) {
    throw new ReconcileError('Usage', {
      message: `the target '${target}' is declared: nothing of it is forgotten`,
      todo: 'take its document, and all that is on it, out of the repository first',
    })
  }
  if (declared.includes(UNREAD_TARGETS)) {
    throw new ReconcileError('InvalidDesired', {
      message: `${UNREAD_TARGETS} cannot be read, and may declare '${target}': nothing of it is forgotten`,
      todo: 'mend it first: swarmkeeper validate names the line',
    })
  }
  if (left > 0) return
  const orphaned = new Set(store.record().map(({ id }) => partsOf(id).target))
  const names = [...orphaned].filter((name) => !declared.includes(name))
  throw new ReconcileError('NotFound', {
    message: `nothing is recorded on a target '${target}'${didYouMean(target, names)}`,
    todo: names.length > 0 ? `not declared any more: ${names.join(', ')}` : 'every recorded target is declared',
  })
}
