import { recordOf } from '../apply/journal.ts'
import { sameValue } from '../model/digest.ts'
import type { ResourceId } from '../model/id.ts'
import type { Plan } from '../model/plan.ts'
import type { Recorded } from '../model/resource.ts'
import type { Store } from '../model/store.ts'

/** What is as it should be needs only the record to say so; what is gone is forgotten. */
export function settle(
  plan: Pick<Plan, 'settled' | 'forget'>,
  store: Store,
  record: ReadonlyMap<ResourceId, Recorded>,
): void {
  const changed = plan.settled.flatMap((change) => {
    if (!('to' in change)) return []
    const next = recordOf(change.to, 'owned')
    return sameValue(next, record.get(change.id)) ? [] : [next]
  })
  const gone = plan.forget.filter((id) => record.has(id))
  if (changed.length === 0 && gone.length === 0) return
  store.transaction(() => {
    store.putRecorded(changed)
    store.forget(gone)
  })
}
