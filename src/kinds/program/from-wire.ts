import { groupBy } from '../../lib/group-by.ts'
import { configOf } from './normalize.ts'
import type { LiveGroup, ProgramLive, WireProgram } from './spec.ts'
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
  }
}

/**
 * supervisord does not say what its groups run with: it is what was read when they were added, by us as the record says, or
 * when it started, if the file did not change since.
 */
function configsOf({ name, file, daemonStarted, record }: WireProgram): Readonly<Record<string, string>> {
  if (record?.daemonStarted === daemonStarted) return record.groups
  if (!file || file.changed >= daemonStarted) return {}
  try {
    const { groups } = readProgramFile({ path: `${name}.conf`, text: file.text }, { here: '/etc/supervisor/conf.d' })
    return Object.fromEntries(groups.map((group) => [group.name, configOf(group)]))
  } catch (error) {
    if (error instanceof SupervisordRefusal) return {}
    throw error
  }
}
