import { agentComposite } from '../../../src/desired/expand/agent-composite.ts'
import { expandDesired } from '../../../src/desired/expand/expand.ts'
import { hostComposite } from '../../../src/desired/expand/hosts.ts'
import { normalizeCheck } from '../../../src/kinds/check/normalize.ts'
import { HOST_KINDS } from '../../../src/kinds/host-registry.ts'
import { KINDS } from '../../../src/kinds/registry.ts'
import type { Desired } from '../../../src/model/desired.ts'
import { FLEET, read, SWARM, type Texts } from '../read.ts'
import { mac } from './expand-world.ts'
import { host } from './host-world.ts'

/** A Swarm `prod`, two hosts with the label `role: agent`, and the app `agents`: documents with their real positions. */
export function expandAgents(texts: Texts): Desired {
  const all: Texts = {
    'swarmkeeper.yaml': FLEET,
    'targets/prod.yaml': SWARM,
    'targets/hosts.yaml': [host('app-1', 'role: agent'), host('app-2', 'role: agent')].join('---\n'),
    'apps/other/other.yaml': undefined,
    ...texts,
  }
  const paths = Object.keys(all).filter((path) => all[path] !== undefined)
  return expandDesired({
    documents: read(all),
    files: {
      paths,
      read: (path) => {
        const text = all[path]
        return text === undefined ? undefined : { oid: path, content: Buffer.from(text) }
      },
    },
    kinds: new Map([...KINDS, ...HOST_KINDS]),
    composites: [agentComposite, ...[...HOST_KINDS.keys()].map(hostComposite)],
    normalizeCheck,
    mac,
    settingsSecret: () => undefined,
  })
}

/** An agent in `apps/agents/agent.yaml`, with what it names beside it. */
export const agents = (document: string, files: Readonly<Record<string, string>> = {}): Desired =>
  expandAgents({
    'apps/agents/agent.yaml': document,
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`apps/agents/${path}`, text])),
  })

export const idsOf = (desired: Desired): readonly string[] =>
  [...desired.apps.values()].flatMap(({ wanted }) => wanted.map(({ id }) => id)).sort()
