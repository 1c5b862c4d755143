import type { JsonSchema } from './route.ts'
import { array, closed, id, ref, text, time, word } from './schema-words.ts'

/** What is declared of agents, and how their last runs went. */
export const AGENT_COMPONENTS: Readonly<Record<string, JsonSchema>> = {
  Agent: closed(
    {
      key: text,
      app: text,
      name: text,
      description: text,
      model: text,
      budget: text,
      ids: array(id),
      schedule: closed({
        cron: text,
        timezone: text,
        missed: word('skip', 'once'),
        timeoutMs: { type: 'integer', description: 'milliseconds' },
      }),
      lastRun: ref('AgentRun'),
    },
    ['description', 'model', 'budget', 'schedule', 'lastRun'],
  ),
  AgentRun: closed(
    {
      agent: text,
      id,
      tick: time,
      outcome: word('running', 'succeeded', 'failed', 'stopped', 'missed', 'refused', 'unknown'),
      message: text,
      startedAt: time,
      endedAt: time,
      cost: closed({ micros: { type: 'integer', description: 'millionths of the currency' }, currency: text }),
      lines: array(text),
    },
    ['startedAt', 'endedAt', 'cost'],
  ),
}
