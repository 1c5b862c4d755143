import type { Agent } from '../../model/written/agent.ts'
import type { AgentDocument } from './agent-document.ts'
import { programMembers } from './agent-program.ts'
import { serviceMembers } from './agent-service.ts'
import { unitMembers } from './agent-unit.ts'
import type { Composite, Member } from './composite.ts'

/**
 * `kind: Agent` becomes what runs of it, a Service, a Unit or a Program of its name, with what it reads beside it: so all of
 * health, rollback and drift are those of its kind. One with a schedule stands at rest: its runs are started from what is
 * recorded of it (src/runs).
 */
export const agentComposite: Composite = {
  name: 'Agent',
  expand: (document, context) => membersOf({ document, context, written: document.value as unknown as Agent }),
}

function membersOf(agent: AgentDocument): readonly Member[] {
  const { service, unit, program } = agent.written.run
  if (service) return serviceMembers(agent, service)
  if (unit) return unitMembers(agent, unit)
  return program ? programMembers(agent, program) : []
}
