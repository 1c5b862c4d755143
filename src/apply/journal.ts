import type { Clock } from '../model/clock.ts'
import type { ResourceId } from '../model/id.ts'
import type { Change, Stage } from '../model/plan.ts'
import { type Recorded, SPEC_FORMAT, type Wanted } from '../model/resource.ts'
import type { Store } from '../model/store.ts'
import type { Step, StepNote } from '../model/target.ts'

export interface Journal {
  /** Written before this returns. */
  mark(change: Change, step: Step, note: StepNote): void
}

/**
 * Intent before effect (rule 14): in one transaction the record learns what we are about to own, and the journal what we
 * are about to do. Outcomes and the record are written together, as they come.
 */
export function openStage(
  app: string,
  stage: Stage,
  context: { readonly store: Store; readonly clock: Clock; readonly attempt: string },
): Journal {
  const { store, clock, attempt } = context
  const at = (): string => clock.now().toISOString()
  const seqs = new Map<ResourceId, number>()
  store.transaction(() => {
    const known = new Set(store.record().map((recorded) => recorded.id))
    for (const change of stage.changes) {
      if ('to' in change && !known.has(change.id)) store.putRecorded([recordOf(change.to, 'intended')])
      const intent = {
        attempt,
        app,
        id: change.id,
        action: change.action,
        step: 'not-run' as const,
        note: {},
        at: at(),
      }
      seqs.set(change.id, store.addIntent(intent))
    }
  })
  return {
    mark: (change, step, note) =>
      store.transaction(() => {
        const seq = seqs.get(change.id)
        const open = step === 'started' || step === 'unknown'
        if (seq !== undefined) store.markIntent(seq, step, note, open ? undefined : at())
        if (step === 'applied') recordApplied(change, store)
        else if (change.action === 'prune' && (step === 'failed' || step === 'unknown')) retire(change.from, store)
      }),
  }
}

export function recordOf(wanted: Wanted, state: Recorded['state']): Recorded {
  const { id, kind, spec, digest, app, handling } = wanted
  return { id, kind, spec, digest, app, handling, format: SPEC_FORMAT, state }
}

function recordApplied(change: Change, store: Store): void {
  if (change.action === 'prune') {
    store.forget([change.id])
    return
  }
  store.putRecorded([recordOf(change.to, 'owned')])
  if (change.action === 'replace') store.forget(change.frees.filter((id) => id !== change.id))
}

/** What could not be deleted stays ours until it is gone (rule 13). */
function retire(recorded: Recorded, store: Store): void {
  store.putRecorded([{ ...recorded, state: 'retiring' }])
}
