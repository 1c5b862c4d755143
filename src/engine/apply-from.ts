import { digestOf } from '../model/digest.ts'
import type { ApplyOptions } from '../model/engine.ts'
import { ReconcileError } from '../model/error.ts'
import type { FleetOutcome } from '../model/outcome.ts'
import type { CallOptions } from '../model/target.ts'
import { refuseUnknown } from '../reconcile/confirmations.ts'
import type { Collaborators } from '../reconcile/engine.ts'
import { reconcileFleet } from '../reconcile/fleet.ts'
import { refuseFrozen } from '../reconcile/operator.ts'
import { readDirectory } from '../source/directory.ts'

/**
 * Break-glass: the apps of a folder in place of the repository's. Each becomes a pin, so that the next tick does not put
 * the repository's state back; `unpin` does.
 */
export async function applyFrom(engine: Collaborators, ask: ApplyOptions, from: string): Promise<FleetOutcome> {
  refuseFrozen(engine)
  refuseUnknown(ask.confirm ?? [], [])
  const apps = await renderFolder(engine, from, ask)
  const names = [...apps.keys()].filter((app) => ask.app === undefined || app === ask.app)
  if (names.length === 0) {
    throw new ReconcileError('NotFound', { message: `${from} declares no app${ask.app ? ` '${ask.app}'` : ''}` })
  }
  const broken = names.filter((name) => apps.get(name)?.broken)
  if (broken.length > 0) {
    throw new ReconcileError('InvalidDesired', {
      message: `${broken.join(', ')} in ${from} cannot be read`,
      todo: `swarmkeeper validate ${from}`,
    })
  }
  const at = engine.clock.now().toISOString()
  for (const name of names) {
    const app = apps.get(name)
    if (!app) continue
    const pin = {
      revision: digestOf(app.digest).slice(0, 40),
      at,
      by: ask.by,
      reason: `apply --from ${from}`,
      from,
      app,
    }
    engine.store.putApp({ ...engine.store.app(name), pin })
    const entry = { at, app: name, revision: pin.revision, what: 'operator', by: ask.by }
    engine.store.addHistory({ ...entry, message: `pinned to the folder ${from}` })
  }
  return reconcileFleet(engine, ask)
}

async function renderFolder(engine: Collaborators, from: string, options: CallOptions) {
  return (await engine.render(await readDirectory(from, options), new Map())).apps
}
