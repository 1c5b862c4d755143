import type { ImportReport } from '../../src/model/import.ts'
import type { Lab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { ask, type LiveFleet } from './live-fleet.ts'

interface Row {
  readonly ID: string
  readonly Spec: { readonly Name: string }
  readonly ServiceStatus: {
    readonly RunningTasks: number
    readonly DesiredTasks: number
    readonly CompletedTasks: number
  }
  readonly JobStatus?: object
}

const isAtRest = ({
  ServiceStatus: { RunningTasks: running, DesiredTasks: desired, CompletedTasks: ended },
  JobStatus,
}: Row) => (JobStatus ? running === 0 && ended > 0 : running === desired)

/** Names of the services that run as they should; waits until that has not changed for a while. */
export async function waitForRest(lab: Lab): Promise<ReadonlySet<string>> {
  let last = ''
  let since = performance.now()
  const quiet = async (): Promise<ReadonlySet<string> | false> => {
    const services: Row[] = await lab.engine.call('GET', '/services?status=true')
    const names = services.filter(isAtRest).map(({ Spec }) => Spec.Name)
    const now = names.sort().join()
    if (now !== last) since = performance.now()
    last = now
    return performance.now() - since > 4000 && new Set(names)
  }
  return waitUntil('services at rest', quiet, { timeoutMs: 120_000, everyMs: 300 })
}

/** Ids of all tasks of these services, by name. */
export async function liveTasks(lab: Lab, names: ReadonlySet<string>): Promise<Readonly<Record<string, string[]>>> {
  const services: Row[] = await lab.engine.call('GET', '/services')
  const tasks: { ID: string; ServiceID: string }[] = await lab.engine.call('GET', '/tasks')
  const known = services.filter(({ Spec }) => names.has(Spec.Name))
  const idsOf = (id: string): string[] =>
    tasks
      .filter(({ ServiceID }) => ServiceID === id)
      .map(({ ID }) => ID)
      .sort()
  return Object.fromEntries(known.map(({ ID, Spec }) => [Spec.Name, idsOf(ID)]))
}

export async function importEverything(fleet: LiveFleet): Promise<ImportReport> {
  const [target] = (await fleet.engine.desired(ask())).targets
  if (!target) throw new Error('the fleet has no target')
  return fleet.engine.importSwarm({ ...ask(), target })
}
