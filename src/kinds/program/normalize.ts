import { digestOf } from '../../model/digest.ts'
import { type NormalizeContext, type Normalized, NormalizeProblem } from '../../model/kind.ts'
import type { Program } from '../../model/written/program.ts'
import { type InlineText, inlineKeys, inlineText } from './inline.ts'
import type { ProgramGroup, ProgramSpec, WantedState } from './spec.ts'
import type { GroupConfig } from './supervisord/groups.ts'
import type { ProcessConfig } from './supervisord/processes.ts'
import { readProgramFile } from './supervisord/read-supervisord.ts'
import { SupervisordRefusal } from './supervisord/reading.ts'

/** Where included files stand unless a host says otherwise; only `%(here)s` leans on it. */
export const HERE = '/etc/supervisor/conf.d'

/** Digests of triggers are filled in when everything is rendered. @throws NormalizeProblem */
export function normalizeProgram(written: Program, context: NormalizeContext): Normalized<ProgramSpec> {
  const { name } = written
  const { file, groups } = readProgram(written, context)
  return { name, spec: { name, file, groups: groupsOf(groups, written), triggers: {} }, uses: [] }
}

interface ReadProgram {
  readonly file: string
  readonly groups: readonly GroupConfig[]
}

function readProgram(written: Program, context: NormalizeContext): ReadProgram {
  const inline = inlineKeys(written)
  const [first] = inline
  if (written.conf === undefined) {
    if (written.command === undefined) throw new NormalizeProblem('', "needs 'conf', or a 'command' of its own")
    return read(inlineText(written), { written, context })
  }
  if (first !== undefined) throw new NormalizeProblem(`/${first}`, `'conf' has all of it: write it there`)
  const text = context.file(written.conf, '/conf').toString('utf8')
  if (/[\0\uFFFD]/.test(text)) throw new NormalizeProblem('/conf', 'the file is no UTF-8 text')
  return read({ text, keys: [] }, { written, context })
}

interface Asked {
  readonly written: Program
  readonly context: NormalizeContext
}

function read({ text, keys }: InlineText, { written, context }: Asked): ReadProgram {
  const path = written.conf ?? `${written.name}.conf`
  try {
    const found = readProgramFile({ path, text }, { here: HERE })
    const [other] = found.others
    if (other)
      throw refusal({ ...other, message: 'a Program has program, group, eventlistener and fcgi-program sections' })
    if (found.groups.length === 0) throw new NormalizeProblem('/conf', 'there is no program in it')
    for (const message of found.warnings) context.warn(written.conf === undefined ? '' : '/conf', message)
    return { file: text, groups: found.groups }
  } catch (error) {
    if (error instanceof SupervisordRefusal) throw refusal({ ...error.place, message: error.message })
    throw error
  }

  function refusal({ line, message }: { readonly line: number; readonly message: string }): NormalizeProblem {
    const key = keys[line - 1]
    return key === undefined
      ? new NormalizeProblem('/conf', `${path}:${line}: ${message}`)
      : new NormalizeProblem(`/${key}`, message)
  }
}

function groupsOf(groups: readonly GroupConfig[], written: Program): Readonly<Record<string, ProgramGroup>> {
  const twice = groups.find(({ name }, index) => groups.findIndex((other) => other.name === name) !== index)
  if (twice) throw new NormalizeProblem('/conf', `two groups are called '${twice.name}': supervisord takes one of them`)
  return Object.fromEntries(groups.map((group) => [group.name, groupOf(group, written)]))
}

function groupOf(group: GroupConfig, written: Program): ProgramGroup {
  const twice = group.processes.find(({ name }, at) => group.processes.findIndex((other) => other.name === name) !== at)
  if (twice) throw new NormalizeProblem('/conf', `the group '${group.name}' has two processes called '${twice.name}'`)
  return {
    config: configOf(group),
    processes: Object.fromEntries(group.processes.map((found) => [found.name, wantedOf(found, written.state)])),
  }
}

/** Digest of all that supervisord reads of a group. */
export const configOf = ({ section: _, ...group }: GroupConfig): string => digestOf(group)

function wantedOf({ autostart, autorestart }: ProcessConfig, state: Program['state']): WantedState {
  if (state === 'stopped') return 'stopped'
  if (state === undefined && !autostart) return 'any'
  return autorestart === true ? 'running' : 'started'
}
