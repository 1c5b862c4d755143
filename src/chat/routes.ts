import type { Incident, Severity } from '../model/incident.ts'
import type { ChatRoute } from '../settings/settings.ts'

const WEIGHT: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

export const sinkNameOf = (route: Pick<ChatRoute, 'name'>): string => `chat:${route.name}`

/** Names of the sinks that hear of an incident. What concerns no single app is told on every route that it is grave enough for. */
export function routesFor(
  incident: Pick<Incident, 'severity' | 'app'>,
  routes: readonly ChatRoute[],
): readonly string[] {
  return routes
    .filter(({ minSeverity }) => WEIGHT[incident.severity] >= WEIGHT[minSeverity])
    .filter(({ apps }) => !apps || incident.app === undefined || apps.includes(incident.app))
    .map(sinkNameOf)
}
