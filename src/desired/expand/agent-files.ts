import type { Agent } from '../../model/written/agent.ts'
import { type AgentDocument, agentMember, keeperBeside, type Variable } from './agent-document.ts'
import type { Member } from './composite.ts'
import type { WrittenKeeper } from './handling.ts'

/** Everything that an agent on hosts reads is in a folder of its own: nothing of it is anybody else's. */
const folderOf = (name: string): string => `/etc/agent-${name}`
export const instructionsPath = (name: string): string => `${folderOf(name)}/instructions.md`
export const variablesPath = (name: string): string => `${folderOf(name)}/agent.env`

/** Names of the documents. */
export const instructionsFile = (name: string): string => `${name}-instructions`
export const variablesFile = (name: string): string => `${name}-variables`

interface Files {
  readonly hosts: unknown
  /** Where the hosts are written: `/run/unit`. */
  readonly run: string
  /** For a file that the service reads by `EnvironmentFile=`; absent: it gets them in another way. */
  readonly variables?: readonly Variable[]
}

/** The folder, the instructions as they are, and the variables, each on every host of the agent. */
export function filesOf(agent: AgentDocument, files: Files): readonly Member[] {
  const { name, instructions } = agent.written
  const { variables } = files
  const told = instructions === undefined ? [] : [instructionsMember(agent, files, instructions)]
  const set = variables ? [variablesMember(agent, files, variables)] : []
  if (told.length + set.length === 0) return []
  const folder: Beside = {
    kind: 'Directory',
    name: `${name}-folder`,
    value: { path: folderOf(name) },
    at: () => undefined,
  }
  return [besideMember(agent, files, folder), ...told, ...set]
}

interface Beside {
  readonly kind: 'Directory' | 'File'
  readonly name: string
  readonly value: Readonly<Record<string, unknown>>
  /** Where its content was written; undefined of anything else. */
  at(pointer: string): string | undefined
}

function besideMember(agent: AgentDocument, { hosts, run }: Files, { value, ...beside }: Beside): Member {
  return agentMember(agent, {
    ...beside,
    value: { hosts, ...value },
    keeper: keeperFor(beside.kind, agent.written),
    // Nobody has written the rest: it stands where the agent runs.
    at: (pointer) => (pointer === '/path' ? '/name' : (beside.at(pointer) ?? `${run}${pointer}`)),
  })
}

/** The folder is ours alone, and goes with the agent. */
function keeperFor(kind: Beside['kind'], { keeper }: Agent): WrittenKeeper {
  const beside = keeperBeside(keeper).keeper ?? {}
  return kind === 'Directory' ? { prune: 'allow', ...beside } : beside
}

function instructionsMember(agent: AgentDocument, files: Files, file: string): Member {
  const { name } = agent.written
  return besideMember(agent, files, {
    kind: 'File',
    name: instructionsFile(name),
    value: { path: instructionsPath(name), file },
    at: (pointer) => (pointer === '/file' || pointer === '/content' ? '/instructions' : undefined),
  })
}

function variablesMember(agent: AgentDocument, files: Files, variables: readonly Variable[]): Member {
  const { name } = agent.written
  const env = Object.fromEntries(variables.map((variable) => [variable.name, variable.value]))
  const first = variables[1]?.pointer ?? '/name'
  const pointers = new Map(variables.map((variable) => [`/env/${variable.name}`, variable.pointer]))
  return besideMember(agent, files, {
    kind: 'File',
    name: variablesFile(name),
    // systemd reads it before it becomes the user of the service: nobody else needs to.
    value: { path: variablesPath(name), env, mode: '0600' },
    at: (pointer) => pointers.get(pointer) ?? (pointer === '/content' || pointer === '/env' ? first : undefined),
  })
}
