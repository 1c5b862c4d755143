import type { JsonSchema } from './route.ts'
import { array, closed, map, text, time, word } from './schema-words.ts'

/** Standing checks, and alerts that were sent by Alertmanager. */
export const STANDING_COMPONENTS: Readonly<Record<string, JsonSchema>> = {
  StandingCheck: closed(
    {
      app: text,
      name: text,
      state: word('passing', 'failing', 'unknown'),
      last: array({ type: 'boolean' }),
      message: text,
      at: time,
      since: time,
      latencyMs: { type: 'number' },
    },
    ['at', 'latencyMs'],
  ),
  Alert: closed(
    {
      fingerprint: text,
      status: word('firing', 'resolved'),
      labels: map(text),
      annotations: map(text),
      startsAt: time,
      endsAt: time,
      seenAt: time,
      believedUntil: time,
      app: text,
      stale: { const: true },
    },
    ['endsAt', 'app', 'stale'],
  ),
}
