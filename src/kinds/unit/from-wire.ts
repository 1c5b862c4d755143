import { programOf } from './program.ts'
import type { UnitLive, UnitProgram, WireText, WireUnit } from './spec.ts'
import { parseUnitName } from './unit-name.ts'

export function unitFromWire(wire: WireUnit): UnitLive {
  const { name, show, record } = wire
  const program = programStarted(wire)
  return {
    name,
    load: show.LoadState ?? 'not-found',
    ...(wire.file ? { file: wire.file.text } : {}),
    dropIns: textsOf(wire.dropIns),
    owns: record?.dropIns ?? [],
    enabled: show.UnitFileState ?? '',
    active: show.ActiveState ?? 'inactive',
    needsReload: show.NeedDaemonReload === 'yes',
    ...(program ? { program } : {}),
    ...(record ? { triggers: record.triggers } : {}),
  }
}

const textsOf = (files: Readonly<Record<string, WireText>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).map(([name, { text }]) => [name, text]))

/**
 * The record knows what the start of ours had. A later start (a reboot, somebody's restart) had what the files said then:
 * what they say now, if they changed before it and systemd has read them since.
 */
function programStarted({ name, show, file, dropIns, record }: WireUnit): UnitProgram | undefined {
  if (record !== undefined && record.invocation === show.InvocationID) return record.program
  const started = secondsOf(show.ActiveEnterTimestamp)
  const changed = [...(file ? [file] : []), ...Object.values(dropIns)].map((text) => text.changed)
  if (started === undefined || show.NeedDaemonReload === 'yes') return undefined
  if (changed.some((at) => at >= started)) return undefined
  const texts = { ...(file ? { file: file.text } : {}), dropIns: textsOf(dropIns) }
  return programOf(texts, parseUnitName(name).type)
}

/** `@1700000000`; in UTC, as every systemd can: `Tue 2023-11-14 22:13:20 UTC`. */
function secondsOf(timestamp = ''): number | undefined {
  const [, day, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(timestamp) ?? []
  const [, unix = day && time ? Date.parse(`${day}T${time}Z`) / 1000 : 0] = /^@(\d+)/.exec(timestamp) ?? []
  return Number(unix) || undefined
}
