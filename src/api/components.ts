import { AGENT_COMPONENTS } from './agent-components.ts'
import { BUDGET_COMPONENTS } from './budget-components.ts'
import { CHANGE_COMPONENTS } from './change-components.ts'
import type { JsonSchema } from './route.ts'
import { array, closed, format, id, map, object, ref, text, time, word } from './schema-words.ts'
import { STANDING_COMPONENTS } from './standing-components.ts'
import { STATE_COMPONENTS } from './state-components.ts'
import { SUPERVISOR_COMPONENTS } from './supervisor-components.ts'

/** What is answered, field by field: a field that does not stand here is not answered (SEC-17). */
export const COMPONENTS: Readonly<Record<string, JsonSchema>> = {
  ...STATE_COMPONENTS,
  ...CHANGE_COMPONENTS,
  ...SUPERVISOR_COMPONENTS,
  ...STANDING_COMPONENTS,
  ...AGENT_COMPONENTS,
  ...BUDGET_COMPONENTS,
  Error: closed({
    error: closed(
      {
        reason: text,
        message: text,
        todo: text,
        retryable: { type: 'boolean' },
        problems: array(ref('Problem')),
        request: text,
      },
      ['problems', 'request'],
    ),
  }),
  Problem: closed(
    {
      severity: word('error', 'warning'),
      position: ref('Position'),
      pointer: text,
      message: text,
      app: text,
    },
    ['app'],
  ),
  Position: closed({ path: text, line: { type: 'integer' }, column: { type: 'integer' } }),
  Readiness: closed({
    ready: { type: 'boolean' },
    checks: closed({ tick: text, database: text, source: text }),
  }),
  Accepted: closed({ format, accepted: { const: true }, token: text }, ['token']),
  Frozen: closed({ format, frozen: { type: 'boolean' } }),
  Forgotten: closed({ format, ids: array(id) }),
  Logs: closed({ format, lines: array(text) }),
  History: closed({
    format,
    entries: array(
      closed({ seq: { type: 'integer' }, at: time, app: text, revision: text, what: text, message: text, by: text }, [
        'by',
      ]),
    ),
  }),
  Audit: closed({ format, entries: array(ref('AuditEntry')) }),
  AuditEntry: closed(
    {
      at: time,
      actor: text,
      user: text,
      from: text,
      operation: text,
      params: map(text),
      body: {},
      outcome: word('asked', 'done', 'refused', 'failed'),
      status: { type: 'integer' },
      reason: text,
      message: text,
      apps: map(text),
      endedAt: time,
    },
    ['actor', 'user', 'body', 'status', 'reason', 'message', 'apps', 'endedAt'],
  ),
  Event: object({ type: text, tick: text, app: text }, ['tick', 'app']),
  Whole: { type: 'object', description: "For swarmkeeper's own command line; it changes with any release." },
}
