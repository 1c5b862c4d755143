import type { View } from '../../engine/view.ts'
import type { Incident } from '../../model/incident.ts'
import { failedIn } from './failed.ts'
import type { Found, Seen } from './found.ts'
import { driftIn, sourceFound, suspensionIn, targetsIn, unhealthyIn } from './live.ts'
import { supervisorsIn } from './supervisors.ts'
import { blockedIn, fleetWaits, guardsIn, invalidIn, waitingIn } from './waiting.ts'

/** Everything that a person should know of by this look, whether it was told before or not. */
export function foundIn(seen: Seen): readonly Found[] {
  const { view } = seen
  return [
    ...(view.look.stale ? [sourceFound('it does not answer')] : []),
    ...targetsIn(seen),
    ...supervisorsIn(seen),
    ...fleetWaits(seen),
    ...invalidIn(seen),
    ...view.planned.flatMap((planned) => [
      ...failedIn(planned.app, seen),
      ...blockedIn(planned),
      ...waitingIn(planned, seen),
      ...unhealthyIn(planned, seen),
      ...suspensionIn(planned, seen),
    ]),
    ...guardsIn(seen),
    ...driftIn(seen),
  ]
}

export const incidentsOf = (view: View, now: Date): readonly Incident[] =>
  foundIn({ view, now, failureOf: () => undefined }).map(({ incident }) => incident)
