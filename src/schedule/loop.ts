import { createOperations, type Hands } from '../engine/operations.ts'
import type { Stores } from '../engine/stores.ts'
import { type View, viewWith } from '../engine/view.ts'
import type { World } from '../engine/world.ts'
import type { ApplyOptions } from '../model/engine.ts'
import { ReconcileError } from '../model/error.ts'
import type { EngineEvent } from '../model/events.ts'
import type { Loop, Nudge } from '../model/loop.ts'
import type { FleetOutcome } from '../model/outcome.ts'
import type { CallOptions } from '../model/target.ts'
import type { Collaborators, RunOptions } from '../reconcile/engine.ts'
import { lookAtFleet } from '../reconcile/look.ts'
import { planApps } from '../reconcile/plan-apps.ts'
import { createAsked } from './asked.ts'
import type { Ticks } from './ticks.ts'

export interface LoopOptions {
  readonly world: World
  readonly stores: Stores
  readonly engine: Collaborators
  readonly ticks: Ticks
  /** Everything but a look at the source. */
  readonly onNudge: (what: Nudge) => void
  readonly examineReports: Hands['examineReports']
  readonly examineSupervisors?: Hands['examineSupervisors']
  listen(listener: (event: EngineEvent) => void): () => void
}

/** The daemon's engine: reads come from the newest look, what acts is asked of the ticks. */
export function createLoop(options: LoopOptions): Loop {
  const { world, stores, engine, ticks, onNudge, listen, examineReports, examineSupervisors } = options
  const asked = createAsked(engine.store.shelf<FleetOutcome>('asked'), engine.clock)
  const apply = (ask: ApplyOptions & { readonly decided?: boolean }): Promise<FleetOutcome> => {
    if (ask.from !== undefined) throw noFolder()
    const { signal, ...rest } = ask
    return unlessAborted(ticks.ask(rest), { signal })
  }
  const hands: Hands = {
    stores,
    reading: async (ask, body) => body(await viewFor(ask, engine, ticks)),
    writing: async (_ask, body) => body(engine),
    apply,
    examineReports,
    ...(examineSupervisors && { examineSupervisors }),
    dispose: async () => {},
  }
  const operations = createOperations(world, hands)
  return {
    engine: operations,
    reconcile: ({ token, ...ask }) => asked.once(token, () => apply(ask)),
    nudge: (what) => (what.of === 'source' ? ticks.nudge() : onNudge(what)),
    listen,
    state: ticks.state,
  }
}

/** Another revision, or a comparison with the record alone, is a look of its own, which writes nothing. */
async function viewFor(ask: RunOptions, engine: Collaborators, ticks: Ticks): Promise<View> {
  if (ask.revision === undefined && !ask.offline && ask.confirm === undefined) {
    const view = viewWith(await unlessAborted(ticks.view(), ask), engine.store)
    const planned = view.planned.filter(({ app }) => ask.app === undefined || app === ask.app)
    if (planned.length > 0 || ask.app === undefined) return { ...view, planned }
  }
  const asked = { ...ask, readOnly: true }
  const look = await lookAtFleet(engine, asked)
  const { install, store } = engine
  return { install, store, look, planned: await planApps(engine, look, asked) }
}

/** Who asked may have gone; what was asked for goes on. */
function unlessAborted<T>(work: Promise<T>, { signal }: CallOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

const noFolder = (): ReconcileError =>
  new ReconcileError('Usage', {
    message: '--from applies a folder of the machine that runs the command, and the daemon cannot see it',
    todo: 'stop the daemon and run it on its machine, or push a branch and `apply --revision`',
  })
