import type { Agent } from '../../model/written/agent.ts'
import {
  type AgentDocument,
  agentMember,
  keeperBeside,
  keeperOfRunning,
  refuse,
  type Variable,
  variablesOf,
  withoutSaid,
} from './agent-document.ts'
import type { Member } from './composite.ts'

type Run = NonNullable<Agent['run']['service']>

/** Where its instructions are mounted: a config, and so another service for every other text of them (rule 22). */
const INSTRUCTIONS_AT = '/run/agent/instructions.md'
/** Of the name, so that the live name of its config fits: `<name>-instructions_<12 hex>` of 64. */
const LONGEST_NAME = 38

export function serviceMembers(agent: AgentDocument, run: Run): readonly Member[] {
  const { written } = agent
  refuseContradictions(agent, run)
  const config = written.instructions === undefined ? undefined : instructionsMember(agent, run, written.instructions)
  const said = saidIn(run.env)
  const ours = withoutSaid(agent, variablesOf(agent, INSTRUCTIONS_AT), { said, at: (name) => atEnv(run.env, name) })
  const mounted = { source: `${written.name}-instructions`, target: INSTRUCTIONS_AT }
  const value = {
    ...run,
    env: withVariables(run.env, ours),
    ...(config ? { configs: [...(run.configs ?? []), mounted] } : {}),
    ...(written.schedule ? { mode: 'replicated', replicas: 0 } : {}),
  }
  const service = agentMember(agent, {
    ...{ kind: 'Service', name: written.name, value, ...keeperOfRunning(agent) },
    at: (pointer) => atPointer(pointer, { agent, run, ours }),
  })
  return [service, ...(config ? [config] : [])]
}

function instructionsMember(agent: AgentDocument, { target }: Run, file: string): Member {
  const { name, keeper } = agent.written
  if (name.length > LONGEST_NAME) {
    const why = `the name has ${name.length} characters: with instructions, of which Swarm knows every version by name, ${LONGEST_NAME} fit`
    refuse(agent, '/name', why)
  }
  return agentMember(agent, {
    ...{ kind: 'Config', name: `${name}-instructions`, ...keeperBeside(keeper) },
    value: { file, ...(target === undefined ? {} : { target }) },
    at: (pointer) => (pointer === '/target' ? '/run/service/target' : '/instructions'),
  })
}

function refuseContradictions(agent: AgentDocument, { mode, replicas, restart }: Run): void {
  const { schedule } = agent.written
  const at = (key: string, message: string) => refuse(agent, `/run/service/${key}`, message)
  if (mode === 'replicated-job' || mode === 'global-job') {
    at('mode', schedule ? 'its schedule makes every run a job: leave the mode out' : JOB)
  }
  if (!schedule) return
  if (mode === 'global') at('mode', 'a run of a schedule is one task, and not one on every node: leave the mode out')
  if (replicas !== undefined && replicas !== 0) {
    at('replicas', 'between the runs of its schedule nothing of it runs: leave the replicas out')
  }
  if (restart?.condition === 'any') {
    at('restart/condition', 'a run of a schedule ends, and is not started again for that: on-failure or none')
  }
}

const JOB = 'an agent runs all the time, or by its schedule; what runs once, for a revision, is a Job'

type Env = Run['env']

const isLines = (env: Env): env is readonly string[] => Array.isArray(env)

function saidIn(env: Env): ReadonlyMap<string, string | null> {
  if (isLines(env)) return new Map(env.map(lineOf))
  return new Map(Object.entries(env ?? {}).map(([key, value]) => [key, value === null ? null : String(value)]))
}

function lineOf(line: string): readonly [string, string | null] {
  const equals = line.indexOf('=')
  return equals < 0 ? [line, null] : [line.slice(0, equals), line.slice(equals + 1)]
}

function atEnv(env: Env, name: string): string {
  const key = isLines(env) ? env.findIndex((line) => lineOf(line)[0] === name) : name
  return `/run/service/env/${key}`
}

const withVariables = (env: Env, ours: readonly Variable[]): Env =>
  isLines(env)
    ? [...env, ...ours.map(({ name, value }) => `${name}=${value}`)]
    : { ...env, ...Object.fromEntries(ours.map(({ name, value }) => [name, value])) }

interface Read {
  readonly agent: AgentDocument
  readonly run: Run
  readonly ours: readonly Variable[]
}

/** What the composite brought stands where the agent says it. */
function atPointer(pointer: string, { agent, run, ours }: Read): string {
  const [, list, key] = /^\/(env|configs)\/([^/]+)/.exec(pointer) ?? []
  if (list === 'configs' && Number(key) >= (run.configs?.length ?? 0)) return '/instructions'
  if (list === 'env') {
    const index = isLines(run.env) ? Number(key) - run.env.length : ours.findIndex(({ name }) => name === key)
    const found = ours[index]
    if (found) return found.pointer
  }
  if (pointer === '/env' && run.env === undefined) return ours[1]?.pointer ?? '/name'
  if (pointer === '/configs' && run.configs === undefined) return '/instructions'
  if (pointer === '/replicas' && agent.written.schedule) return '/schedule'
  return `/run/service${pointer}`
}
