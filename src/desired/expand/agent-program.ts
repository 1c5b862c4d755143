import { confWith, type ProgramMore } from '../../kinds/program/agent-conf.ts'
import { programKind } from '../../kinds/program/kind.ts'
import type { Kind, NormalizeContext } from '../../model/kind.ts'
import type { Agent } from '../../model/written/agent.ts'
import type { Program } from '../../model/written/program.ts'
import {
  type AgentDocument,
  agentMember,
  keeperOfRunning,
  refuse,
  type Variable,
  variablesOf,
  withoutSaid,
} from './agent-document.ts'
import { filesOf, instructionsFile, instructionsPath } from './agent-files.ts'
import type { Member } from './composite.ts'

type Run = NonNullable<Agent['run']['program']>

export function programMembers(agent: AgentDocument, run: Run): readonly Member[] {
  const { name, instructions } = agent.written
  const said = new Map(Object.entries(run.environment ?? {}).map(([key, value]) => [key, String(value)]))
  const all = variablesOf(agent, instructionsPath(name)).map(escaped)
  const ours = withoutSaid(agent, all, { said, at: (key) => `/run/program/environment/${key}` })
  const program = agentMember(agent, {
    ...{ kind: 'Program', name, ...keeperOfRunning(agent) },
    value: writtenOf(agent, run, {
      ours,
      restartOn: instructions === undefined ? [] : [`File/${instructionsFile(name)}`],
    }),
    ...(run.conf === undefined ? {} : { as: confProgram(agent, ours) }),
    at: (pointer) => atPointer(pointer, { agent, run, ours }),
  })
  return [program, ...filesOf(agent, { hosts: run.hosts, run: '/run/program' })]
}

/** supervisord expands what follows a percent sign in every environment (supervisor options.py). */
const escaped = (variable: Variable): Variable => ({ ...variable, value: variable.value.replaceAll('%', '%%') })

function writtenOf(agent: AgentDocument, run: Run, { ours, restartOn }: More): Readonly<Record<string, unknown>> {
  const { schedule } = agent.written
  const environment = { ...run.environment, ...Object.fromEntries(ours.map(({ name, value }) => [name, value])) }
  const inline = run.conf === undefined ? { environment, ...(schedule ? atRest(agent, run) : {}) } : {}
  // A run that goes on is not begun again for other instructions: the next one reads them.
  const on = schedule ? [] : restartOn.filter((file) => !run.restartOn?.includes(file))
  const restarts = [...(run.restartOn ?? []), ...on]
  if (schedule) refuseState(agent, run)
  const { state, ...rest } = run
  return {
    ...rest,
    ...inline,
    ...(restarts.length > 0 ? { restartOn: restarts } : {}),
    ...(schedule || state === undefined ? {} : { state }),
  }
}

interface More {
  readonly ours: readonly Variable[]
  readonly restartOn: readonly string[]
}

function refuseState(agent: AgentDocument, { state }: Run): void {
  if (state !== 'running') return
  refuse(agent, '/run/program/state', 'between the runs of its schedule nothing of it runs: leave the state out')
}

/** Started by its schedule alone: then neither running nor not running is drift. */
function atRest(agent: AgentDocument, run: Run): Readonly<Record<string, unknown>> {
  const isOff = (value: unknown) => value === undefined || /^(false|no|off|0)$/i.test(String(value))
  const at = (key: string, message: string) => refuse(agent, `/run/program/${key}`, message)
  if (!isOff(run.autostart)) at('autostart', 'it is started by its schedule, and not with supervisord: leave it out')
  if (!isOff(run.autorestart))
    at('autorestart', 'a run of a schedule ends, and is not started again for that: leave it out')
  return { autostart: false, autorestart: false, startsecs: run.startsecs ?? 0 }
}

/** A Program whose file gets the variables, and rests where it has a schedule. */
function confProgram(agent: AgentDocument, ours: readonly Variable[]): Kind {
  const { name, schedule } = agent.written
  const variables = new Map(ours.map((variable) => [variable.name, variable.value]))
  const more: ProgramMore = { name, variables, rests: schedule !== undefined }
  const normalize = (written: Program, context: NormalizeContext) => {
    const file = (path: string, pointer: string) => {
      const content = context.file(path, pointer)
      return pointer === '/conf' ? Buffer.from(confWith(content.toString('utf8'), more)) : content
    }
    return programKind.normalize(written, { ...context, file })
  }
  return { ...programKind, normalize } as Kind
}

interface Read {
  readonly agent: AgentDocument
  readonly run: Run
  readonly ours: readonly Variable[]
}

function atPointer(pointer: string, { agent, run, ours }: Read): string {
  const [, name] = /^\/environment\/([^/]+)$/.exec(pointer) ?? []
  const found = ours.find((variable) => variable.name === name)
  if (found) return found.pointer
  const [, on] = /^\/restartOn\/(\d+)$/.exec(pointer) ?? []
  if (on !== undefined && Number(on) >= (run.restartOn?.length ?? 0)) return '/instructions'
  if (pointer === '/triggers') return '/run/program/restartOn'
  // What a file or fields say is what its spec has as a file, and as groups.
  const isFile = pointer === '/file' || pointer === '/groups'
  if (isFile) return run.conf === undefined ? '/run/program' : '/run/program/conf'
  const rests = agent.written.schedule !== undefined && /^\/(autostart|autorestart|startsecs|state)$/.test(pointer)
  return rests ? '/schedule' : `/run/program${pointer}`
}
