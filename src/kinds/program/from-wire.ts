import { groupBy } from '../../lib/group-by.ts'
import { configOf, HERE } from './normalize.ts'
import type { LiveGroup, ProgramLive, ProgramRecord, WireProgram } from './spec.ts'
import type { GroupConfig } from './supervisord/groups.ts'
import { readProgramFile } from './supervisord/read-supervisord.ts'
import { SupervisordRefusal } from './supervisord/reading.ts'

export function programFromWire(wire: WireProgram): ProgramLive {
  const { name, file, record } = wire
  const configs = configsOf(wire)
  const changed = new Set(wire.changed)
  const groups = [...groupBy(wire.processes, ({ group }) => group)].map(([group, processes]): [string, LiveGroup] => [
    group,
    {
      ...(configs[group] === undefined ? {} : { config: configs[group] }),
      pending: changed.has(group),
      processes: Object.fromEntries(processes.map((found) => [found.name, found.statename])),
    },
  ])
  return {
    name,
    ...(file ? { file: file.text } : {}),
    groups: Object.fromEntries(groups),
    owns: Object.keys(record?.groups ?? {}),
    ...(record ? { triggers: record.triggers } : {}),
    ...(record?.before === undefined ? {} : { before: record.before }),
  }
}

/**
 * supervisord does not say what its groups run with: it is what was read when they were added, by us as the record says, or
 * when it started, if the file did not change since.
 */
function configsOf(wire: WireProgram): Readonly<Record<string, string>> {
  const { name, file, daemonStarted, record } = wire
  if (record?.daemonStarted === daemonStarted) return { ...record.groups, ...takenByOthers(wire, record) }
  return file && file.changed < daemonStarted ? configsIn(name, file.text) : {}
}

/**
 * What was started after somebody edited our file may have been added again by them: it counts as what the file says. Not
 * while the file is our own, and not taken yet: then it may just as well have crashed, and runs with what it had.
 */
function takenByOthers({ name, file, processes }: WireProgram, { groups, before }: ProgramRecord) {
  if (!file || before !== undefined) return {}
  const { changed } = file
  const since = new Set(processes.filter(({ since = 0 }) => since + 1 >= changed).map(({ group }) => group))
  if (since.size === 0) return {}
  const taken = Object.entries(configsIn(name, file.text)).filter(([group]) => since.has(group) && group in groups)
  return Object.fromEntries(taken)
}

function configsIn(name: string, text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(groupsIn(name, text).map((group) => [group.name, configOf(group)]))
}

/** None of a file that supervisord would refuse. */
export function groupsIn(name: string, text: string): readonly GroupConfig[] {
  try {
    return readProgramFile({ path: `${name}.conf`, text }, { here: HERE }).groups
  } catch (error) {
    if (error instanceof SupervisordRefusal) return []
    throw error
  }
}
