import { KNOWN_KEYS } from './known-keys.ts'
import { type Assignment, type Complaint, listOf, parseUnitFile, settingOf, type UnitFile } from './unit-file.ts'
import { complaintsOfValue } from './value-checks.ts'

const SECTION_OF: Readonly<Record<string, string | undefined>> = {
  service: 'Service',
  socket: 'Socket',
  timer: 'Timer',
  path: 'Path',
  mount: 'Mount',
  automount: 'Automount',
  swap: 'Swap',
  slice: 'Slice',
}

/** A file of a unit of this type: `service`, `timer`, … */
export function readUnitFile(text: string, type: string): UnitFile {
  const sections = new Set(['Unit', 'Install', SECTION_OF[type]])
  const file = parseUnitFile(text, (section) => (sections.has(section) ? KNOWN_KEYS.get(section) : undefined))
  const complaints = [...file.complaints, ...valueComplaints(file.assignments)].sort(byLine)
  // It reads no further.
  const end = complaints.findIndex(({ fatal }) => fatal)
  const read = end === -1 ? complaints : complaints.slice(0, end + 1)
  const odd = file.assignments.find(isOddCommand)
  return { ...file, complaints: odd ? read.filter(({ line = 0 }) => line <= odd.line) : read }
}

/** `@/bin/true` without the name that it is to run by: systemd says so, and reads no further. */
const isOddCommand = ({ key, value }: Assignment): boolean =>
  key.startsWith('Exec') && /^[-:+!|]*@\S+$/.test(value.trim())

const byLine = (a: Complaint, b: Complaint): number => (a.line ?? 0) - (b.line ?? 0)

const REPLACED: Readonly<Record<string, string>> = {
  MemoryLimit: 'MemoryMax=',
  CPUShares: 'CPUWeight=',
  StartupCPUShares: 'CPUWeight=',
  BlockIOReadBandwidth: 'IO*= settings',
  BlockIOWriteBandwidth: 'IO*= settings',
}

interface Words {
  readonly what: string
  readonly values: readonly string[]
}

const WORDS: Readonly<Record<string, Words>> = {
  'Service/Type': {
    what: 'service type',
    values: ['simple', 'forking', 'oneshot', 'dbus', 'notify', 'notify-reload', 'idle', 'exec'],
  },
  'Service/Restart': {
    what: 'service restart specifier',
    values: ['no', 'on-success', 'on-failure', 'on-abnormal', 'on-watchdog', 'on-abort', 'always'],
  },
  KillMode: {
    what: 'kill mode specification',
    values: ['control-group', 'process', 'mixed', 'none'],
  },
}

function valueComplaints(assignments: readonly Assignment[]): readonly Complaint[] {
  return assignments.flatMap(({ section, key, value, line }): readonly Complaint[] => {
    const instead = REPLACED[key]
    const replaced = `Unit uses ${key}=; please use ${instead} instead. Support for ${key}= will be removed soon.`
    const words = WORDS[`${section}/${key}`] ?? WORDS[key]
    const isWord = !words || (value === '' && key === 'KillMode') || words.values.includes(value)
    return [
      ...(instead && value !== '' && (key !== 'MemoryLimit' || /^(\d+[KMGT]?|infinity)$/.test(value))
        ? [{ line, message: replaced, fatal: false }]
        : []),
      ...(isWord ? [] : [{ line, message: `Failed to parse ${words.what}, ignoring: ${value}`, fatal: false }]),
      ...complaintsOfValue(key, value).map((said) => ({ ...said, line })),
      ...(hasComment(key, value) ? [{ line, message: inlineComment(value), fatal: false }] : []),
    ]
  })
}

/** systemd has no comments behind a value (D13): they become part of it, silently where it is a text or a command. */
const hasComment = (key: string, value: string): boolean => key !== 'Description' && /\s[#;]\s/.test(value)

const inlineComment = (value: string): string =>
  `'${/\s([#;]\s.*)$/.exec(value)?.[1]}' is part of the value: a comment stands on a line of its own`

/**
 * What systemd has against the unit as a whole, its drop-ins applied, in its own words (systemd service.c service_verify
 * and its like): it refuses to load it.
 */
export function refusalOfUnit(type: string, assignments: readonly Assignment[]): string | undefined {
  if (type === 'service') return refusalOfService(assignments)
  const rule = NEEDED[type]
  if (!rule) return undefined
  const values = assignments
    .filter(({ section, key }) => section === SECTION_OF[type] && rule.keys.test(key))
    .map(({ value }) => value)
  return values.slice(values.lastIndexOf('') + 1).length > 0 ? undefined : rule.refusal
}

/** One of these keys must be there; an empty one forgets those of all of them. */
const NEEDED: Readonly<Record<string, { readonly keys: RegExp; readonly refusal: string } | undefined>> = {
  timer: {
    keys: /^On(Active|Boot|Startup|UnitActive|UnitInactive)Sec$|^On(Calendar|ClockChange|TimezoneChange)$/,
    refusal: 'Timer unit lacks value setting. Refusing.',
  },
  path: {
    keys: /^(PathExists|PathExistsGlob|PathChanged|PathModified|DirectoryNotEmpty)$/,
    refusal: 'Path unit lacks path setting. Refusing.',
  },
  socket: {
    keys: /^Listen/,
    refusal: 'Unit has no Listen setting (ListenStream=, ListenDatagram=, ListenFIFO=, ...). Refusing.',
  },
}

/** systemd leaves out a command that it cannot read; which those are it alone knows. */
const isOdd = (command: string): boolean => command !== '' && !/^[-@:+!|]*[^-@:+!|\s"'\\;][^"'\\]*$/.test(command)

function refusalOfService(assignments: readonly Assignment[]): string | undefined {
  if (
    assignments.some(
      ({ section, key, value }) => section === 'Service' && /^Exec(Start|Stop)$/.test(key) && isOdd(value),
    )
  )
    return undefined
  const starts = listOf(assignments, 'Service', 'ExecStart')
  const stops = listOf(assignments, 'Service', 'ExecStop')
  const success = settingOf(assignments, 'Unit', 'SuccessAction') ?? 'none'
  const type = serviceType(assignments)
  const rules: readonly (readonly [boolean, string])[] = [
    [
      starts.length === 0 && stops.length === 0 && success === 'none',
      'Service has no ExecStart=, ExecStop=, or SuccessAction=.',
    ],
    [
      type !== 'oneshot' && starts.length === 0,
      'Service has no ExecStart= setting, which is only allowed for Type=oneshot services.',
    ],
    [
      starts.length === 0 && success === 'none' && !remainsAfterExit(assignments),
      'Service has no ExecStart= and no SuccessAction= settings and does not have RemainAfterExit=yes set.',
    ],
    [
      type !== 'oneshot' && starts.length > 1,
      'Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services.',
    ],
    [
      type === 'oneshot' && ['always', 'on-success'].includes(settingOf(assignments, 'Service', 'Restart') ?? ''),
      "Service has Restart= set to either always or on-success, which isn't allowed for Type=oneshot services.",
    ],
    [
      type === 'oneshot' && listOf(assignments, 'Service', 'RestartForceExitStatus').length > 0,
      "Service has RestartForceExitStatus= set, which isn't allowed for Type=oneshot services.",
    ],
    [
      type === 'dbus' && settingOf(assignments, 'Service', 'BusName') === undefined,
      'Service is of type D-Bus but no D-Bus service name has been specified.',
    ],
  ]
  const broken = rules.find(([applies]) => applies)
  return broken && `${broken[1]} Refusing.`
}

/** With the default that depends on what else is written (systemd service.c service_add_extras). */
export function serviceType(assignments: readonly Assignment[]): string {
  const written = assignments.findLast(
    ({ section, key, value }) =>
      section === 'Service' && key === 'Type' && WORDS['Service/Type']?.values.includes(value) === true,
  )
  if (written) return written.value
  if (settingOf(assignments, 'Service', 'BusName') !== undefined) return 'dbus'
  return listOf(assignments, 'Service', 'ExecStart').length > 0 ? 'simple' : 'oneshot'
}

export const remainsAfterExit = (assignments: readonly Assignment[]): boolean =>
  ['1', 'yes', 'y', 'true', 't', 'on'].includes(settingOf(assignments, 'Service', 'RemainAfterExit') ?? '')

/** Keys of [Install] that make `systemctl enable` do something. */
export const isInstallable = (assignments: readonly Assignment[]): boolean =>
  ['WantedBy', 'RequiredBy', 'Alias', 'Also'].some((key) => listOf(assignments, 'Install', key).length > 0)
