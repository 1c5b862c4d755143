import { isPlace } from '../model/desired.ts'
import type { FleetStatus } from '../model/outcome.ts'
import type { SupervisorState } from '../model/supervisor.ts'
import type { View } from './view.ts'

/** What the daemon found at its last look at each declared agent supervisor; of one that it never looked at, that. */
export function supervisorStates({ store, look }: View): Pick<FleetStatus, 'supervisors'> {
  const declared = look.desired.targets.filter((target) => !isPlace(target))
  if (declared.length === 0) return {}
  const kept = store.shelf<SupervisorState>('supervisor')
  return { supervisors: declared.map(({ name }) => kept.get(name) ?? { target: name, absent: [] }) }
}
