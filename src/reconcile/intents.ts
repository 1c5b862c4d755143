import type { ResourceId } from '../model/id.ts'
import type { Recorded } from '../model/resource.ts'
import type { Intent } from '../model/store.ts'
import type { Step } from '../model/target.ts'
import type { Collaborators } from './engine.ts'
import type { Look } from './look.ts'

/**
 * What was begun and not finished is answered by the look that was just taken (rule 14): done, not done, or unknown. It
 * is for the journal alone: what is to be done now is planned again, from what is live. Apps that are `busy` have not ended.
 */
export function closeIntents({ store, clock }: Collaborators, look: Look, busy: ReadonlySet<string> = new Set()): void {
  const open = store.openIntents().filter(({ app }) => !busy.has(app))
  if (open.length === 0) return
  const at = clock.now().toISOString()
  const record = new Map(store.record().map((recorded) => [recorded.id, recorded]))
  store.transaction(() => {
    for (const intent of open) {
      const note = { ...intent.note, message: 'interrupted; observed again' }
      store.markIntent(intent.seq, stepAsSeen(intent, look, record), note, at)
    }
  })
}

function stepAsSeen(intent: Intent, look: Look, record: ReadonlyMap<ResourceId, Recorded>): Step {
  // `started` is written before anything is sent.
  if (intent.step === 'not-run') return 'not-run'
  const observed = look.live.of.get(intent.id)
  if (!observed || observed.state === 'unknown') return 'unknown'
  const removes = intent.action === 'prune'
  if (observed.state === 'absent') return removes ? 'applied' : 'not-run'
  if (removes || observed.owner.who !== 'us') return 'not-run'
  const recorded = record.get(intent.id)
  if (intent.action === 'create') return 'applied'
  // The record learns the new digest with the outcome, the stamp with the write.
  return recorded && recorded.digest !== observed.owner.digest ? 'applied' : 'unknown'
}
