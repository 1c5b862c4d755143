import { didYouMean } from '../lib/nearest.ts'
import type { DesiredTarget } from '../model/desired.ts'
import type { ApplyOptions, AskOptions, DecisionOptions, DoctorFinding, Engine } from '../model/engine.ts'
import { ReconcileError } from '../model/error.ts'
import { partsOf } from '../model/id.ts'
import type { FleetOutcome } from '../model/outcome.ts'
import type { Store } from '../model/store.ts'
import type { Collaborators, RunOptions } from '../reconcile/engine.ts'
import { forgetTarget } from '../reconcile/forget.ts'
import { lookAtFleet } from '../reconcile/look.ts'
import {
  type Again,
  freezeFleet,
  knownId,
  pinApp,
  restartResource,
  resumeApp,
  retryApp,
  suspendApp,
  unfreezeFleet,
  unpinApp,
} from '../reconcile/operator.ts'
import { beginRun, linesOfLastRun, scheduledAgent } from './agent-runs.ts'
import { idOfAgent } from './agent-states.ts'
import { examine } from './doctor.ts'
import { explanationOf, idOfDocument } from './explanation.ts'
import { importHost } from './import-host.ts'
import { importSwarm } from './import-swarm.ts'
import { createRender } from './render.ts'
import type { Stores } from './stores.ts'
import type { View } from './view.ts'
import { driftOf, fleetPlanOf, statusOf, viewOf } from './views.ts'
import { collaborators, type World } from './world.ts'

/** How operations come to what they need: at once in a command, in turn with the ticks in a daemon. */
export interface Hands {
  readonly stores: Stores
  reading<T>(ask: RunOptions, body: (view: View) => T | Promise<T>): Promise<T>
  writing<T>(ask: AskOptions, body: (engine: Collaborators) => T | Promise<T>): Promise<T>
  /** A reconcile. `decided`: a person's decision is there to be carried out, whatever the app waits for. */
  apply(ask: ApplyOptions & { readonly decided?: boolean }): Promise<FleetOutcome>
  /** What `doctor` says of GitHub and chats. */
  examineReports(ask: AskOptions): Promise<readonly DoctorFinding[]>
  /** Of agent supervisors. */
  examineSupervisors?(targets: readonly DesiredTarget[], ask: AskOptions): Promise<readonly DoctorFinding[]>
  dispose(): Promise<void>
}

/** Everything that commands and the HTTP surface ask for. */
export function createOperations(world: World, hands: Hands): Engine {
  const { settings, source, targets } = world
  const { stores, reading, writing, apply } = hands
  /** Records a decision, then carries it out. */
  const decided = async (ask: DecisionOptions, decide: (engine: Collaborators) => unknown): Promise<FleetOutcome> => {
    await writing(ask, decide)
    return apply({ signal: ask.signal, by: ask.by, app: ask.app, decided: true })
  }
  const restart = (again: Again) => async (text: string, ask: AskOptions & { readonly reason?: string }) => {
    const id = isAgent(text) ? await reading(ask, async (view) => idIn(world, view, text)) : text
    const app = await writing(ask, (engine) => restartResource(engine, id, { ...ask, again }))
    return apply({ signal: ask.signal, by: ask.by, app })
  }
  const runAgent = async (text: string, ask: AskOptions & { readonly reason?: string }) =>
    reading(ask, async (view): Promise<FleetOutcome | undefined> => {
      const id = idIn(world, view, text)
      const agent = scheduledAgent(view, id)
      if (!agent) return undefined
      const { revision, stale, desired } = view.look
      const begun = await writing(ask, (engine) => beginRun(engine, agent, { ...ask, id }))
      return { revision, stale, apps: [begun], problems: desired.problems }
    })
  return {
    plan: (ask) => reading(ask, fleetPlanOf),
    apply,
    desired: async ({ signal, revision }) => {
      const resolved = await source.resolve({ signal, ...(revision === undefined ? {} : { revision }) })
      return world.render(await source.read(resolved, { signal }))
    },
    status: (ask) => reading(ask, statusOf),
    history: (ask) => stores.reading(async (store) => historyOf(store, ask)),
    drift: (ask) => reading(ask, driftOf),
    show: (id, ask) => reading(ask, (view) => viewOf(idIn(world, view, id), view)),
    explain: (id, ask) => reading(ask, (view) => explanationOf(idIn(world, view, id), view)),
    logs: (id, ask) =>
      reading(ask, async (view) => {
        const known = idIn(world, view, id)
        const said = scheduledAgent(view, known) && linesOfLastRun(view, known)
        return (
          said?.slice(-ask.lines) ??
          (await view.look.targets.get(partsOf(known).target)?.logs(known, ask.lines, ask)) ??
          []
        )
      }),
    rollback: (ask) => decided(ask, (engine) => pinApp(engine, ask.app, ask)),
    unpin: (ask) => decided(ask, (engine) => unpinApp(engine, ask.app, ask)),
    suspend: (ask) => decided(ask, (engine) => suspendApp(engine, ask.app, ask)),
    resume: (ask) => decided(ask, (engine) => resumeApp(engine, ask.app, ask)),
    retry: async (ask) => {
      await writing(ask, (engine) => retryApp(engine, ask.app, ask))
      return apply({ signal: ask.signal, by: ask.by, app: ask.app, retry: true })
    },
    restart: restart('restart'),
    runJob: async (id, ask) => (isJob(id) ? undefined : await runAgent(id, ask)) ?? restart('run-job')(id, ask),
    freeze: (ask) => writing(ask, (engine) => freezeFleet(engine, ask)),
    unfreeze: (ask) => writing(ask, (engine) => unfreezeFleet(engine, ask)),
    forget: async (target, ask) => {
      const { targets: sound, brokenTargets } = await world.render(await source.read(await source.resolve(ask), ask))
      const declared = [...sound.map(({ name }) => name), ...brokenTargets]
      return writing(ask, (engine) => forgetTarget(engine, target, { ...ask, declared }))
    },
    rebuild: (ask) => writing(ask, (engine) => rebuild(engine, ask)),
    // A rendering of its own: what is drafted is no revision of the repository.
    importSwarm: (ask) =>
      importSwarm(ask, { target: targets.open(ask.target, [ask.target]), render: createRender(settings), settings }),
    importHost: (ask) =>
      importHost(ask, { target: targets.open(ask.target, ask.targets), render: createRender(settings), settings }),
    doctor: (ask) =>
      examine({ settings, clock: world.options.clock, source, ...hands, look: (body) => reading(ask, body) }, ask),
    dispose: hands.dispose,
  }
}

const isAgent = (text: string): boolean => /(^|\/)Agent\//.test(text)
const isJob = (text: string): boolean => /(^|\/)Job\//.test(text)

/** A misspelt name is not an app that nothing happened to. */
function historyOf(store: Store, ask: Parameters<Engine['history']>[0]): ReturnType<Store['history']> {
  const entries = store.history(ask)
  const names = store.apps().map((state) => state.app)
  if (ask.app === undefined || entries.length > 0 || names.length === 0 || names.includes(ask.app)) return entries
  throw new ReconcileError('NotFound', {
    message: `nothing was done to an app '${ask.app}'${didYouMean(ask.app, names)}`,
    todo: `something was done to: ${names.join(', ')}`,
  })
}

function idIn(world: World, view: View, text: string): ReturnType<typeof knownId> {
  const wanted = view.planned.flatMap((app) => app.goal.wanted)
  const { desired } = view.look
  const named = idOfAgent(text, desired) ?? idOfDocument(text, desired) ?? text
  return knownId(collaborators(world, view.store), named, wanted)
}

async function rebuild(engine: Collaborators, ask: AskOptions): Promise<Awaited<ReturnType<Engine['rebuild']>>> {
  const look = await lookAtFleet(engine, { ...ask, rebuild: true })
  const { resources = 0, holds = 0, pins = 0, suspensions = 0, notes = [] } = look.recognised ?? {}
  const unreachable = [...look.live.unreachable].map(([name, message]) =>
    [`${name}: ${message}`, look.live.todos.get(name) ?? []].flat().join('; '),
  )
  const needsPerson = [...notes, ...unreachable, ...(look.observeOnly ? [look.observeOnly] : [])]
  return { recognised: resources, holds, pins, suspensions, needsPerson }
}
