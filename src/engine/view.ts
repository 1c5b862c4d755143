import type { AppPlan } from '../model/outcome.ts'
import type { Store } from '../model/store.ts'
import type { Look } from '../reconcile/look.ts'
import type { PlannedApp } from '../reconcile/plan-apps.ts'
import { onceRead } from '../store/once-read.ts'

/** What is known after one look and its plans; the read-only commands show parts of it. */
export interface View {
  readonly install: string
  readonly store: Store
  readonly look: Look
  readonly planned: readonly PlannedApp[]
  /** In a daemon: apps that were being applied while this was looked at. What was seen of them was on its way. */
  readonly busy?: ReadonlySet<string>
}

/** Each reading of the record decodes every spec: what is asked again is as it was the first time. */
export const viewWith = (view: View, store: Store): View => ({ ...view, store: onceRead(store) })

/** Something of it could not be read: what would follow from the rest of it is no plan, and nobody can confirm it. */
export const isUnread = ({ blocked }: AppPlan): boolean => blocked?.reason === 'InvalidDesired'
