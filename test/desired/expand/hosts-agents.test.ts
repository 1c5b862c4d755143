import { expect, it } from 'vitest'
import { problemsOf, wantedOf } from './expand-world.ts'
import { expandHosts, host } from './host-world.ts'

const SHA = 'a'.repeat(64)
const unit = (name: string, more: string): string =>
  `[Unit]\nDescription=${name}\n${more}[Service]\nUser=dspy\nExecStart=/opt/dspy-agent/bin/${name}\n[Install]\nWantedBy=dspy-agent.target\n`
const artifact = (name: string): string =>
  `kind: Artifact\nname: ${name}\nhosts: { role: agent }\npath: /opt/dspy-agent/bin/${name}\nurl: https://releases.test/${name}\nsha256: ${SHA}\nowner: dspy\n`

/** Two services that need each other in order, and a target, as the agent infrastructure is installed by its script. */
const AGENTS = {
  'targets/hosts.yaml': host('app-1', 'role: agent'),
  'apps/agents/agents.yaml': [
    'kind: User\nname: dspy\nhosts: { role: agent }\nsystem: true\nhome: /opt/dspy-agent\nshell: /bin/false\n',
    ...['bin', 'config', 'data', 'logs'].map(
      (name) => `kind: Directory\nname: ${name}\nhosts: { role: agent }\npath: /opt/dspy-agent/${name}\nowner: dspy\n`,
    ),
    artifact('env-manager'),
    artifact('orchestrator'),
    'kind: Unit\nname: env-manager.service\nhosts: { role: agent }\nfile: env-manager.service\nrestartOn: [Artifact/env-manager]\n',
    'kind: Unit\nname: orchestrator.service\nhosts: { role: agent }\nfile: orchestrator.service\nrestartOn: [Artifact/orchestrator]\nkeeper: { dependsOn: [Unit/env-manager.service] }\n',
    'kind: Unit\nname: dspy-agent.target\nhosts: { role: agent }\nfile: dspy-agent.target\nenabled: true\n',
  ].join('---\n'),
}
const files = {
  ...AGENTS,
  'apps/agents/env-manager.service': unit('env-manager', 'PartOf=dspy-agent.target\n'),
  'apps/agents/orchestrator.service': unit('orchestrator', 'Requires=env-manager.service\nAfter=env-manager.service\n'),
  'apps/agents/dspy-agent.target': '[Unit]\nDescription=agents\n[Install]\nWantedBy=multi-user.target\n',
}

it('two services with their binaries, user, folders and target can be declared', () => {
  const desired = expandHosts(files)
  expect(problemsOf(desired)).toEqual([])
  expect(desired.apps.get('agents')?.wanted).toHaveLength(10)
  expect(wantedOf(desired, 'app-1/Unit/orchestrator.service').after).toEqual([
    'app-1/Artifact//opt/dspy-agent/bin/orchestrator',
    'app-1/Directory//opt/dspy-agent/bin',
    'app-1/Unit/env-manager.service',
    'app-1/User/dspy',
  ])
  expect(wantedOf(desired, 'app-1/Unit/dspy-agent.target').spec).toMatchObject({ enabled: true, state: 'running' })
})

it('another binary is another digest of the artifact, and of the unit that restarts for it, and of nothing else', () => {
  const digests = (texts: typeof files) =>
    new Map(
      expandHosts(texts)
        .apps.get('agents')
        ?.wanted.map(({ id, digest }) => [id, digest]),
    )
  const before = digests(files)
  const documents = files['apps/agents/agents.yaml'].replace(SHA, 'b'.repeat(64))
  const later = digests({ ...files, 'apps/agents/agents.yaml': documents })
  expect([...later].filter(([id, digest]) => before.get(id) !== digest).map(([id]) => id)).toEqual([
    'app-1/Artifact//opt/dspy-agent/bin/env-manager',
    'app-1/Unit/env-manager.service',
  ])
})
