import { examineReports } from './daemon/examine-reports.ts'
import { examineSupervisors } from './daemon/supervisors.ts'
import { applyFrom } from './engine/apply-from.ts'
import { createOperations, type Hands } from './engine/operations.ts'
import { createStores } from './engine/stores.ts'
import { collaborators, createWorld, type WorldOptions } from './engine/world.ts'
import type { AskOptions, Engine } from './model/engine.ts'
import type { Store } from './model/store.ts'
import type { Collaborators } from './reconcile/engine.ts'
import { reconcileFleet } from './reconcile/fleet.ts'
import { lookAtFleet } from './reconcile/look.ts'
import { planApps } from './reconcile/plan-apps.ts'
import type { Settings } from './settings/settings.ts'
import { createMemoryStore } from './store/memory.ts'

export interface AppOptions extends WorldOptions {
  /** What an operator should read: a lock waited for, rows put aside. */
  readonly warn: (message: string) => void
  /** For `doctor`, which asks GitHub and chats whether they know us. */
  readonly fetch: typeof fetch
}

/** Composition root of commands: builds the adapters from the settings, and gives every command its engine. */
export function createApp(settings: Settings, options: AppOptions): Engine {
  const world = createWorld(settings, options)
  const stores = createStores(settings, options)
  const reading: Hands['reading'] = (ask, body) =>
    stores.reading(async (kept) => {
      const scratch = isBlank(kept)
      const store = scratch ? scratchOf(kept) : kept
      const engine = collaborators(world, store)
      const asked = { ...ask, readOnly: true, scratch }
      const look = await lookAtFleet(engine, asked)
      return body({ install: settings.install, store, look, planned: await planApps(engine, look, asked) })
    })
  const writing = async <T>(ask: AskOptions, body: (engine: Collaborators) => T | Promise<T>): Promise<T> =>
    body(collaborators(world, await stores.writing(ask.signal), 'write'))
  return createOperations(world, {
    stores,
    reading,
    writing,
    apply: (ask) =>
      writing(ask, (engine) =>
        ask.from === undefined ? reconcileFleet(engine, ask) : applyFrom(engine, ask, ask.from),
      ),
    examineReports: (ask) => examineReports(settings, options, ask),
    examineSupervisors: (targets, ask) => examineSupervisors(targets, settings, ask),
    dispose: async () => {
      await world.dispose()
      stores.close()
    },
  })
}

const isBlank = (store: Store): boolean => store.record().length === 0 && store.apps().length === 0

/** A lost database: what the targets still tell (holds, pins) belongs into a plan as into an apply, and is kept nowhere. */
function scratchOf(kept: Store): Store {
  const scratch = createMemoryStore()
  scratch.putFleet(kept.fleet())
  return { ...scratch, history: kept.history, shelf: kept.shelf }
}
