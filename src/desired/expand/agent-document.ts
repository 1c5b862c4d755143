import { getPointer } from '../../lib/json-pointer.ts'
import type { Kind } from '../../model/kind.ts'
import type { Agent } from '../../model/written/agent.ts'
import type { Document } from '../document.ts'
import type { CompositeContext, Member } from './composite.ts'
import { whereIs } from './findings.ts'
import type { WrittenKeeper } from './handling.ts'

/** An agent on its way to become a service, a unit or a program. */
export interface AgentDocument {
  readonly document: Document
  readonly written: Agent
  readonly context: CompositeContext
}

/** What an agent finds in its environment, and where that was written. */
export interface Variable {
  readonly name: string
  readonly value: string
  readonly pointer: string
}

export function refuse({ document, context }: AgentDocument, pointer: string, message: string): void {
  context.report({ severity: 'error', position: document.position(pointer), pointer, message })
}

/** Only what the agent says, and its name. */
export function variablesOf(agent: AgentDocument, instructionsAt: string): readonly Variable[] {
  const { name, model, tools, instructions, env = {} } = agent.written
  const own: readonly Variable[] = [
    { name: 'AGENT_NAME', value: name, pointer: '/name' },
    ...(model === undefined ? [] : [{ name: 'AGENT_MODEL', value: model, pointer: '/model' }]),
    ...(tools === undefined ? [] : [{ name: 'AGENT_TOOLS', value: tools.join(','), pointer: '/tools' }]),
    ...(instructions === undefined
      ? []
      : [{ name: 'AGENT_INSTRUCTIONS_FILE', value: instructionsAt, pointer: '/instructions' }]),
  ]
  const said = new Map(Object.entries(env).map(([key, value]) => [key, String(value)]))
  const rest = withoutSaid(agent, own, { said, at: (key) => `/env/${key}` })
  return [...rest, ...[...said].map(([key, value]) => ({ name: key, value, pointer: `/env/${key}` }))]
}

/** Those that are not said already; one that is said with another value is a mistake of whoever wrote it twice. */
export function withoutSaid(
  agent: AgentDocument,
  variables: readonly Variable[],
  other: { readonly said: ReadonlyMap<string, string | null>; at(name: string): string },
): readonly Variable[] {
  return variables.filter(({ name, value, pointer }) => {
    if (!other.said.has(name)) return true
    if (other.said.get(name) === value) return false
    refuse(agent, other.at(name), saidTwice(agent, name, pointer))
    return false
  })
}

const saidTwice = ({ document }: AgentDocument, name: string, pointer: string): string =>
  `${name} is said twice: here, and with another value by ${pointer.slice(1).replaceAll('/', '.')} (${whereIs(document.position(pointer))})`

/** Of the agent's document, whatever it becomes. */
const OF_AGENT = /^(\/(kind|name|keeper)(\/.*)?)?$/

/** One of the resources that an agent becomes. `at`: what a pointer of it is in the agent's document. */
export function agentMember(
  { document, written }: AgentDocument,
  of: {
    readonly kind: string
    readonly name: string
    readonly value: Readonly<Record<string, unknown>>
    readonly keeper?: WrittenKeeper
    at(pointer: string): string
    /** With a normaliser of its own. */
    readonly as?: Kind
  },
): Member {
  const { kind, name, keeper } = of
  const at = (pointer: string): string => (OF_AGENT.test(pointer) ? pointer : of.at(pointer))
  const value = { kind, name, ...of.value, ...(keeper && { keeper }) }
  return {
    document: {
      kind,
      name,
      value,
      app: document.app,
      path: document.path,
      position: (pointer) => document.position(at(pointer)),
    },
    ...(of.as && { kind: of.as }),
    of: `Agent/${written.name}`,
    where: (field) => {
      const pointer = at(`/${field}`)
      return getPointer(document.value, pointer) === undefined ? undefined : document.position(pointer)
    },
  }
}

/** The agent's `keeper` as what runs of it has it: it had a name of the same sort before, and what rests is stable. */
export function keeperOfRunning({ written }: AgentDocument, suffix = ''): { readonly keeper?: WrittenKeeper } {
  const { moved, ...rest } = (written.keeper ?? {}) as WrittenKeeper
  const from = moved?.from === undefined || moved.from.endsWith(suffix) ? moved?.from : `${moved.from}${suffix}`
  const keeper = {
    ...(written.schedule ? { stableFor: '0s' } : {}),
    ...rest,
    ...(moved && { moved: { ...moved, ...(from === undefined ? {} : { from }) } }),
  }
  return Object.keys(keeper).length === 0 ? {} : { keeper }
}

/** And as what only stands beside it: nothing answers there, and nothing was called otherwise. */
export function keeperBeside(keeper: Agent['keeper']): { readonly keeper?: WrittenKeeper } {
  if (!keeper) return {}
  const { moved: _, checks: __, ...rest } = keeper as WrittenKeeper
  return { keeper: rest }
}
