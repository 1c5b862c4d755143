import type { Loop } from '../model/loop.ts'
import type { FleetOutcome } from '../model/outcome.ts'
import type { Store } from '../model/store.ts'
import type { KeptCommand } from './kept-command.ts'

export interface CarryOutOptions {
  readonly loop: Pick<Loop, 'reconcile' | 'engine'>
  readonly store: Store
  readonly signal: AbortSignal
}

/**
 * Through the loop, as whoever asks on its API: in the app's slot, recorded with who. What was begun before a kill is not
 * done a second time, where it can be told: a reconcile by its token, a rollback by the pin that it is.
 */
export async function carryOut(kept: KeptCommand, { loop, store, signal }: CarryOutOptions): Promise<FleetOutcome> {
  const { command, pull, comment } = kept
  const ask = { by: byOf(kept), signal }
  const token = `comment:${comment}`
  const reason = `asked for in pull request ${pull}`
  switch (command.verb) {
    case 'retry':
      if (command.app === undefined) return loop.reconcile({ ...ask, retry: true, token })
      return loop.engine.retry({ ...ask, app: command.app, reason })
    case 'rollback':
      if (isPinned(kept, command.app, store)) return loop.reconcile({ ...ask, app: command.app, token })
      return loop.engine.rollback({ ...ask, app: command.app, reason })
    case 'confirm':
      return loop.reconcile({ ...ask, confirm: [command.guard], token })
    default:
      return loop.reconcile({ ...ask, token })
  }
}

const byOf = ({ author }: KeptCommand): string => `github:${author}`

/** It was begun, and then we were killed: the pin of this very comment is there. */
function isPinned(kept: KeptCommand, app: string, store: Store): boolean {
  const { pin } = store.app(app)
  return kept.state === 'running' && pin?.by === byOf(kept) && Date.parse(pin.at) >= Date.parse(kept.at)
}
