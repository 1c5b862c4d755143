import type { JsonSchema } from './route.ts'
import { array, closed, map, ref, text, time, word } from './schema-words.ts'

const money: JsonSchema = { type: 'number', description: 'US dollars' }
const status = word('online', 'offline', 'degraded', 'unknown')
const credentials = word('in_sync', 'drift_detected', 'unknown')
const logins = map(text)

/** What agent supervisors told; what is absent is unknown. */
export const SUPERVISOR_COMPONENTS: Readonly<Record<string, JsonSchema>> = {
  Supervisor: closed(
    {
      target: text,
      at: time,
      unreachable: text,
      todo: text,
      nodes: array(ref('SupervisedNode')),
      sessions: array(closed({ id: text, node: text, project: text, status: text })),
      cost: closed({ today: money, byProject: map(money), degraded: array(text) }, ['today']),
      absent: array(text),
    },
    ['at', 'unreachable', 'todo', 'nodes', 'sessions', 'cost'],
  ),
  SupervisedNode: closed(
    {
      id: text,
      status,
      heardAt: time,
      logins,
      credentials,
      last: closed({ at: time, status, logins, credentials }, ['logins']),
    },
    ['heardAt', 'logins', 'last'],
  ),
}
