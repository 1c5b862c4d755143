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

/** `systemctl show --timestamp=unix` prints `@1700000000`. */
function secondsOf(timestamp: string | undefined): number | undefined {
  const [, seconds] = /^@(\d+)/.exec(timestamp ?? '') ?? []
  return seconds === undefined || seconds === '0' ? undefined : Number(seconds)
}
