import { digestOf } from '../../model/digest.ts'
import { readUnitFile } from './check-unit.ts'
import type { UnitProgram } from './spec.ts'

/** Settings that are for people, or for `systemctl enable`. */
const NOT_RUNNING = new Set(['Unit/Description', 'Unit/Documentation'])

/** What of a file a process runs with. */
function partOf(text: string, type: string): string {
  const { assignments } = readUnitFile(text, type)
  return digestOf(
    assignments
      .filter(({ section, key }) => section !== 'Install' && !NOT_RUNNING.has(`${section}/${key}`))
      .map(({ section, key, value }) => [section, key, value]),
  )
}

/** systemd re-reads these without anything that runs; to restart them would stop what hangs on them. */
const NOTHING_RUNS = new Set(['target', 'slice'])

export function programOf(
  { file, dropIns }: { readonly file?: string; readonly dropIns: Readonly<Record<string, string>> },
  type: string,
): UnitProgram {
  if (NOTHING_RUNS.has(type)) return { dropIns: {} }
  return {
    ...(file === undefined ? {} : { file: partOf(file, type) }),
    dropIns: Object.fromEntries(Object.entries(dropIns).map(([name, text]) => [name, partOf(text, type)])),
  }
}
