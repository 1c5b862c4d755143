import { groupsIn, programFromWire } from '../../../kinds/program/from-wire.ts'
import type { ProgramLive, ProgramRecord, ProgramSpec } from '../../../kinds/program/spec.ts'
import type { Health } from '../../../model/live.ts'
import type { SupervisordFacts } from './facts.ts'
import { programHealth } from './health.ts'

export interface ProgramSeen {
  readonly live: ProgramLive
  readonly version: unknown
  readonly health: Health
}

interface Found {
  readonly supervisord: SupervisordFacts
  readonly file: { readonly text: string; readonly changed: number } | undefined
  readonly record: ProgramRecord | undefined
}

export const programFile = (folder: string, name: string): string => `${folder}/${name}.conf`

/** A program file and its groups: of supervisord's groups those that the document, the file or the record name. */
export function programAt(
  name: string,
  spec: ProgramSpec | undefined,
  { supervisord, file, record }: Found,
): ProgramSeen | 'absent' {
  const written = file ? groupsIn(name, file.text).map((group) => group.name) : []
  const named = new Set([...Object.keys(spec?.groups ?? {}), ...written, ...Object.keys(record?.groups ?? {})])
  const processes = supervisord.processes.filter(({ group }) => named.has(group))
  if (!file && processes.length === 0) return 'absent'
  const live = programFromWire({
    name,
    ...(file ? { file } : {}),
    daemonStarted: supervisord.started,
    processes,
    ...(record ? { record } : {}),
  })
  return {
    live,
    version: [file?.text, Object.keys(live.groups).sort()],
    health: programHealth(spec?.groups ?? {}, supervisord),
  }
}

/** What the host keeps beside the entry of a program, in hex; undefined where it is none. */
export function programRecordOf(hex: string | undefined): ProgramRecord | undefined {
  if (!hex) return undefined
  try {
    const { groups, triggers, daemonStarted, before } = JSON.parse(Buffer.from(hex, 'hex').toString('utf8'))
    const isRecord = typeof groups === 'object' && typeof triggers === 'object' && typeof daemonStarted === 'number'
    return isRecord ? { groups, triggers, daemonStarted, ...(before === undefined ? {} : { before }) } : undefined
  } catch {
    return undefined
  }
}

export const hexOf = (record: ProgramRecord): string => Buffer.from(JSON.stringify(record)).toString('hex')
