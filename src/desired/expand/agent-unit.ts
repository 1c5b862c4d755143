import { note } from '../../kinds/mistakes.ts'
import { splitWords } from '../../kinds/shell-words.ts'
import { readUnitFile } from '../../kinds/unit/check-unit.ts'
import { unitKind } from '../../kinds/unit/kind.ts'
import type { UnitSpec } from '../../kinds/unit/spec.ts'
import { listOf, settingOf } from '../../kinds/unit/unit-file.ts'
import { type Kind, type NormalizeContext, NormalizeProblem } from '../../model/kind.ts'
import type { Agent } from '../../model/written/agent.ts'
import type { Unit } from '../../model/written/unit.ts'
import { type AgentDocument, agentMember, keeperOfRunning, refuse, variablesOf } from './agent-document.ts'
import { filesOf, instructionsFile, instructionsPath, variablesFile, variablesPath } from './agent-files.ts'
import type { Member } from './composite.ts'

type Run = NonNullable<Agent['run']['unit']>

/** Of the drop-in through which the service gets its variables. */
const DROP_IN = '10-agent.conf'
/** No path of a repository: what it holds is made here. */
const GENERATED = `${DROP_IN} of the agent`

export function unitMembers(agent: AgentDocument, run: Run): readonly Member[] {
  const { name, schedule, instructions } = agent.written
  const variables = variablesOf(agent, instructionsPath(name))
  refuseContradictions(agent, run)
  const own = [`File/${variablesFile(name)}`, ...(instructions === undefined ? [] : [`File/${instructionsFile(name)}`])]
  const value = {
    ...run,
    dropIns: ownDropIn(run) === undefined ? { ...run.dropIns, [DROP_IN]: GENERATED } : run.dropIns,
    restartOn: [...(run.restartOn ?? []), ...own.filter((file) => !run.restartOn?.includes(file))],
    ...(schedule ? { state: 'stopped', enabled: false } : {}),
  }
  const unit = agentMember(agent, {
    ...{ kind: 'Unit', name: `${name}.service`, value, ...keeperOfRunning(agent, '.service') },
    as: agentUnit(agent),
    at: (pointer) => atPointer(pointer, agent, run),
  })
  return [unit, ...filesOf(agent, { hosts: run.hosts, run: '/run/unit', variables })]
}

const ownDropIn = ({ dropIns = {} }: Run): string | undefined =>
  Object.keys(dropIns).find((key) => key === DROP_IN || `${key}.conf` === DROP_IN)

function refuseContradictions(agent: AgentDocument, run: Run): void {
  const at = (key: string, message: string) => refuse(agent, `/run/unit/${key}`, message)
  const { enabled, state } = run
  const own = ownDropIn(run)
  if (own !== undefined)
    at(`dropIns/${own}`, `${DROP_IN} is what brings the agent its variables: give yours another name`)
  if (!agent.written.schedule) return
  if (state === 'running') at('state', 'between the runs of its schedule nothing of it runs: leave the state out')
  if (enabled) at('enabled', 'it is started by its schedule, and not at boot: leave it out')
}

/** A Unit with one drop-in that no file of the repository holds. */
function agentUnit(agent: AgentDocument): Kind {
  const { name } = agent.written
  const content = Buffer.from(`[Service]\nEnvironmentFile=${variablesPath(name)}\n`)
  const normalize = (written: Unit, context: NormalizeContext) => {
    const file = (path: string, pointer: string) => (path === GENERATED ? content : context.file(path, pointer))
    const normalized = unitKind.normalize(written, { ...context, file })
    if (agent.written.schedule) refuseEndless(normalized.spec, context)
    refuseOtherwise(agent, normalized.spec, context)
    return normalized
  }
  return { ...unitKind, normalize } as Kind
}

/** Files of variables win over `Environment=` (systemd.exec(5)): what the unit says would be lost without a word. */
function refuseOtherwise(agent: AgentDocument, { name, file = '' }: UnitSpec, context: NormalizeContext): void {
  const { assignments } = readUnitFile(file, 'service')
  const words = listOf(assignments, 'Service', 'Environment').flatMap(wordsIn)
  const said = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]))
  for (const variable of variablesOf(agent, instructionsPath(agent.written.name))) {
    const other = said.get(variable.name)
    if (other === undefined || other === variable.value) continue
    const twice = `${variable.name} is said twice: by Environment= of ${name}, and otherwise by the agent`
    note(context, new NormalizeProblem('/file', twice))
  }
}

/** What systemd makes of open quotes was told already. */
function wordsIn(value: string): readonly string[] {
  try {
    return splitWords(value)
  } catch (error) {
    if (error instanceof RangeError) return []
    throw error
  }
}

/** What ends well and is started again for that has no end. */
function refuseEndless({ file = '' }: UnitSpec, context: NormalizeContext): void {
  const restart = settingOf(readUnitFile(file, 'service').assignments, 'Service', 'Restart')
  if (restart !== 'always' && restart !== 'on-success') return
  note(context, new NormalizeProblem('/file', `Restart=${restart}: a run of its schedule would never end`))
}

function atPointer(pointer: string, { written }: AgentDocument, run: Run): string {
  const [, on] = /^\/restartOn\/(\d+)$/.exec(pointer) ?? []
  if (on !== undefined && Number(on) >= (run.restartOn?.length ?? 0)) return '/run/unit'
  if (pointer.startsWith(`/dropIns/${DROP_IN}`) || (pointer === '/dropIns' && !run.dropIns)) return '/run/unit'
  if (written.schedule && (pointer === '/state' || pointer === '/enabled')) return '/schedule'
  // The digests of what a spec restarts for stand where that is said.
  return pointer === '/triggers' ? '/run/unit/restartOn' : `/run/unit${pointer}`
}
