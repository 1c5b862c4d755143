import { strip, stripEnd } from '../../lib/strip.ts'

/** One `Key=value` of a unit file, in a section that systemd reads. */
export interface Assignment {
  readonly section: string
  readonly key: string
  readonly value: string
  /** From 1; of an assignment over several lines, the last of them, as systemd counts. */
  readonly line: number
}

/** What systemd says of a line, in its own words. */
export interface Complaint {
  /** Undefined: of the unit as a whole. */
  readonly line?: number
  readonly message: string
  /** systemd does not load the unit; otherwise it goes on without that line. */
  readonly fatal: boolean
}

export interface UnitFile {
  readonly assignments: readonly Assignment[]
  readonly complaints: readonly Complaint[]
}

/** Keys by section: undefined for a section that units of this type do not have. */
type KnownKeys = (section: string) => ReadonlySet<string> | undefined

/**
 * A unit file, read as systemd 252 reads it (systemd conf-parser.c): comments stand on lines of their own, also between
 * the parts of a continued line, and a backslash at the end becomes a space. What nobody knows is left out, and said,
 * unless it begins with `X-`.
 */
export function parseUnitFile(text: string, known: KnownKeys): UnitFile {
  const assignments: Assignment[] = []
  const complaints: Complaint[] = []
  let section: Section = { state: 'none' }
  const complain = (line: number, message: string, fatal = false) => void complaints.push({ line, message, fatal })
  for (const { text: written, line } of logicalLines(text)) {
    const trimmed = stripBlanks(written)
    if (trimmed === '') continue
    if (trimmed.startsWith('[')) {
      if (!trimmed.endsWith(']')) {
        complain(line, `Invalid section header '${trimmed}'`, true)
        break
      }
      section = sectionOf(trimmed.slice(1, -1), known)
      if (section.state === 'ignored' && section.unknown) {
        complain(line, `Unknown section '${section.name}'. Ignoring.`)
      }
      continue
    }
    const found = assignmentOf(trimmed, section)
    if ('message' in found) complain(line, found.message)
    else if (found.key !== undefined) assignments.push({ ...found, line })
  }
  return { assignments, complaints }
}

type Section =
  | { readonly state: 'none' }
  | { readonly state: 'ignored'; readonly name: string; readonly unknown: boolean }
  | { readonly state: 'known'; readonly name: string; readonly keys: ReadonlySet<string> }

function sectionOf(name: string, known: KnownKeys): Section {
  const keys = known(name)
  return keys ? { state: 'known', name, keys } : { state: 'ignored', name, unknown: !name.startsWith('X-') }
}

type Found =
  | { readonly message: string }
  | { readonly key: undefined }
  | { readonly section: string; readonly key: string; readonly value: string }

function assignmentOf(text: string, section: Section): Found {
  if (section.state === 'none') return { message: 'Assignment outside of section. Ignoring.' }
  if (section.state === 'ignored') return { key: undefined }
  const equals = text.indexOf('=')
  if (equals === -1) return { message: "Missing '=', ignoring line." }
  if (equals === 0) return { message: "Missing key name before '=', ignoring line." }
  const key = stripBlanks(text.slice(0, equals))
  if (section.keys.has(key)) return { section: section.name, key, value: stripBlanks(text.slice(equals + 1)) }
  if (key.startsWith('X-')) return { key: undefined }
  return { message: `Unknown key '${key}' in section [${section.name}], ignoring.` }
}

interface LogicalLine {
  readonly text: string
  readonly line: number
}

/** Lines with their continuations. */
function logicalLines(text: string): readonly LogicalLine[] {
  const physical = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const lines: LogicalLine[] = []
  let continued: string[] = []
  for (const [index, line] of physical.entries()) {
    if (/^[ \t]*[#;]/.test(line)) continue
    if (endsEscaped(line)) {
      continued.push(`${line.slice(0, -1)} `)
      continue
    }
    lines.push({ text: continued.join('') + line, line: index + 1 })
    continued = []
  }
  return continued.length === 0 ? lines : [...lines, { text: continued.join(''), line: physical.length + 1 }]
}

/** An odd number of backslashes at the end. */
const endsEscaped = (line: string): boolean => (line.length - stripEnd(line, (sign) => sign === '\\').length) % 2 === 1

const stripBlanks = (text: string): string => strip(text, (sign) => ' \t\n\r'.includes(sign))

/** Values of a list setting such as `ExecStart=`: an empty one forgets those before it. */
export function listOf(assignments: readonly Assignment[], section: string, key: string): readonly string[] {
  const values = assignments
    .filter((assignment) => assignment.section === section && assignment.key === key)
    .map(({ value }) => value)
  return values.slice(values.lastIndexOf('') + 1)
}

/** The last value of a setting; an empty one is none. */
export function settingOf(assignments: readonly Assignment[], section: string, key: string): string | undefined {
  const last = assignments.findLast((assignment) => assignment.section === section && assignment.key === key)
  return last?.value === '' ? undefined : last?.value
}
