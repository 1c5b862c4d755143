import type { Agent, Schedule } from '../../src/model/agent.ts'
import type { ResourceId } from '../../src/model/id.ts'

export const ID = 'prod/Service/digest' as ResourceId

/** An agent `web/digest` of this schedule, on one target. */
export const agentOf = (schedule: Partial<Schedule> = {}, more: Partial<Agent> = {}): Agent => ({
  key: 'web/digest',
  app: 'web',
  name: 'digest',
  tools: [],
  policies: [],
  ids: [ID],
  origin: { path: 'apps/web/digest.yaml', line: 1, column: 1 },
  schedule: { cron: '0 7 * * *', timezone: 'UTC', missed: 'skip', timeoutMs: 3_600_000, ...schedule },
  ...more,
})
