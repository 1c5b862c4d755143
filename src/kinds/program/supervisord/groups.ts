import { type ProcessConfig, processesOf } from './processes.ts'
import { PythonError, toInt } from './python.ts'
import { getOption, type Reading } from './reading.ts'
import { boolean, groupName, knownUser, listOf, octal, portNumber, userAndGroup } from './values.ts'

/** A group of processes: what supervisord adds and removes as one. */
export interface GroupConfig {
  readonly name: string
  readonly type: 'group' | 'program' | 'eventlistener' | 'fcgi-program'
  /** The section that declares it. */
  readonly section: string
  readonly priority: number
  readonly processes: readonly ProcessConfig[]
  /** Of an event listener: what it listens to, and how much may wait. */
  readonly events?: readonly string[]
  readonly bufferSize?: number
  /** Of a FastCGI program: where it listens. */
  readonly socket?: FcgiSocket
}

interface FcgiSocket {
  readonly address: string
  readonly backlog?: number
  readonly owner?: string
  readonly mode?: number
}

/** `process_groups_from_parser` of supervisor options.py, in its order. @throws PythonError in supervisord's words */
export function groupsOf(reading: Reading): readonly GroupConfig[] {
  const names = [...reading.ini.sections.keys()]
  const grouped = new Set<string>()
  const heterogeneous = of('group:').map((section) => groupOf(reading, section, grouped))
  const programs = of('program:')
    .filter((section) => !grouped.has(section))
    .map((section) => homogeneous(reading, section, 'program'))
  const listeners = of('eventlistener:').map((section) => listenerOf(reading, section))
  const fcgi = of('fcgi-program:')
    .filter((section) => !grouped.has(section))
    .map((section) => fcgiOf(reading, section))
  return [...heterogeneous, ...programs, ...listeners, ...fcgi].sort(
    (a, b) => a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  )

  function of(prefix: string): readonly string[] {
    return names.filter((name) => name.startsWith(prefix))
  }
}

const afterColon = (section: string): string => section.slice(section.indexOf(':') + 1)

const here = ({ facts }: Reading): ReadonlyMap<string, string> => new Map([['here', facts.here]])

const text = (reading: Reading, section: string, key: string): string | undefined =>
  getOption(reading, { section, key, expansions: here(reading) })

function enter(reading: Reading, section: string): void {
  reading.at = reading.ini.sections.get(section) ?? reading.at
}

function groupOf(reading: Reading, section: string, grouped: Set<string>): GroupConfig {
  enter(reading, section)
  const name = groupName(afterColon(section))
  const programs = listOf(text(reading, section, 'programs') ?? '')
  const priority = toInt(text(reading, section, 'priority') ?? '999')
  reading.at = reading.ini.get(section, 'programs') ?? reading.at
  let complaining = section
  const processes = programs.flatMap((program) => {
    const own = programSection(reading, program, complaining)
    // supervisord names the last section that it was in.
    complaining = own
    grouped.add(own)
    return processesOf(reading, own, name)
  })
  return { name, type: 'group', section, priority, processes }
}

function programSection({ ini }: Reading, program: string, section: string): string {
  const [plain, fcgi] = [`program:${program}`, `fcgi-program:${program}`]
  const found = [plain, fcgi].filter((name) => ini.sections.has(name))
  const [only, second] = found
  if (only === undefined) throw new PythonError(`[${section}] names unknown program or fcgi-program ${program}`)
  if (second === undefined) return only
  throw new PythonError(`[${section}] name ${program} is ambiguous (exists as program and fcgi-program)`)
}

function homogeneous(reading: Reading, section: string, type: 'program'): GroupConfig {
  enter(reading, section)
  const name = groupName(afterColon(section))
  const priority = toInt(text(reading, section, 'priority') ?? '999')
  return { name, type, section, priority, processes: processesOf(reading, section, name) }
}

const EVENTS = new Set(
  `EVENT PROCESS_STATE PROCESS_STATE_STOPPED PROCESS_STATE_EXITED PROCESS_STATE_STARTING PROCESS_STATE_STOPPING
  PROCESS_STATE_BACKOFF PROCESS_STATE_FATAL PROCESS_STATE_RUNNING PROCESS_STATE_UNKNOWN PROCESS_COMMUNICATION
  PROCESS_COMMUNICATION_STDOUT PROCESS_COMMUNICATION_STDERR PROCESS_LOG PROCESS_LOG_STDOUT PROCESS_LOG_STDERR
  REMOTE_COMMUNICATION SUPERVISOR_STATE_CHANGE SUPERVISOR_STATE_CHANGE_RUNNING SUPERVISOR_STATE_CHANGE_STOPPING TICK
  TICK_5 TICK_60 TICK_3600 PROCESS_GROUP PROCESS_GROUP_ADDED PROCESS_GROUP_REMOVED`.split(/\s+/),
)

function listenerOf(reading: Reading, section: string): GroupConfig {
  enter(reading, section)
  const name = afterColon(section)
  const priority = toInt(text(reading, section, 'priority') ?? '-1')
  const bufferSize = toInt(text(reading, section, 'buffer_size') ?? '10')
  if (bufferSize < 1) throw new PythonError(`[${section}] section sets invalid buffer_size (${bufferSize})`)
  text(reading, section, 'result_handler')
  const events = [...new Set(listOf(text(reading, section, 'events') ?? '').map((event) => event.toUpperCase()))]
  if (events.length === 0) throw new PythonError(`[${section}] section requires an "events" line`)
  const unknown = events.find((event) => !EVENTS.has(event))
  if (unknown !== undefined) throw new PythonError(`Unknown event type ${unknown} in [${section}] events`)
  if (boolean(text(reading, section, 'redirect_stderr') ?? 'false')) {
    const why = 'this is not allowed because it will interfere with the eventlistener protocol'
    throw new PythonError(`[${section}] section sets redirect_stderr=true but ${why}`)
  }
  const processes = processesOf(reading, section, name)
  return { name, type: 'eventlistener', section, priority, processes, events: events.sort(), bufferSize }
}

function fcgiOf(reading: Reading, section: string): GroupConfig {
  enter(reading, section)
  const name = groupName(afterColon(section))
  const priority = toInt(text(reading, section, 'priority') ?? '999')
  const user = text(reading, section, 'user')
  if (user !== undefined) knownUser(user, reading.facts)
  const socket = socketOf(reading, section, name)
  return { name, type: 'fcgi-program', section, priority, processes: processesOf(reading, section, name), socket }
}

function socketOf(reading: Reading, section: string, program: string): FcgiSocket {
  const written = text(reading, section, 'socket_backlog')
  const backlog = written === undefined ? undefined : toInt(written)
  if (backlog !== undefined && (backlog < 1 || backlog > 65535)) {
    throw new PythonError(`Invalid socket_backlog value ${backlog}`)
  }
  const owner = text(reading, section, 'socket_owner')
  if (owner !== undefined && !userAndGroup(owner, reading.facts)) {
    throw new PythonError(`Invalid socket_owner value ${owner}`)
  }
  const mode = modeOf(text(reading, section, 'socket_mode'))
  const expansions = new Map([...here(reading), ['program_name', program] as const])
  const address = getOption(reading, { section, key: 'socket', expansions })
  if (!address) throw new PythonError(`[${section}] section requires a "socket" line`)
  try {
    checkAddress(address, owner !== undefined || mode !== undefined)
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
    throw new PythonError(`${error.message} in [${section}] socket`)
  }
  return {
    address,
    ...(backlog === undefined ? {} : { backlog }),
    ...(owner === undefined ? {} : { owner }),
    ...(mode === undefined ? {} : { mode }),
  }
}

function modeOf(written: string | undefined): number | undefined {
  if (written === undefined) return undefined
  try {
    return octal(written)
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
    throw new PythonError(`Invalid socket_mode value ${written}`)
  }
}

/** The tuples in the messages are supervisord's own slips. */
function checkAddress(address: string, forUnix: boolean): void {
  if (address.startsWith('unix://')) {
    const path = address.slice('unix://'.length)
    if (!path.startsWith('/')) {
      throw new PythonError(`('Unix socket path %s is not an absolute path', '${path}')`)
    }
    return
  }
  if (forUnix) {
    throw new PythonError('socket_owner and socket_mode params should only be used with a Unix domain socket')
  }
  const [, port] = /^tcp:\/\/[^\s:]+:(\d+)$/.exec(address) ?? []
  if (port === undefined) throw new PythonError(`('Bad socket format %s', '${address}')`)
  portNumber(port)
}
