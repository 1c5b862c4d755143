import { hostNameOf, namesOf } from './expansions.ts'
import { keyValues } from './key-values.ts'
import { expandFormat, PythonError, repr, toInt } from './python.ts'
import { getOption, type Reading } from './reading.ts'
import {
  autoRestart,
  boolean,
  byteSize,
  exitCodes,
  groupName,
  knownUser,
  logFile,
  octal,
  signalNumber,
} from './values.ts'

/** One process of supervisord, every default filled. */
export interface ProcessConfig {
  readonly name: string
  readonly command: string
  readonly directory?: string
  readonly user?: string
  readonly umask?: number
  readonly priority: number
  readonly autostart: boolean
  readonly autorestart: boolean | 'unexpected'
  readonly startsecs: number
  readonly startretries: number
  readonly exitcodes: readonly number[]
  readonly stopsignal: number
  readonly stopwaitsecs: number
  readonly stopasgroup: boolean
  readonly killasgroup: boolean
  readonly redirectStderr: boolean
  readonly stdout: StreamConfig
  readonly stderr: StreamConfig
  readonly environment: Readonly<Record<string, string>>
  readonly serverurl?: string
}

interface StreamConfig {
  /** A path, or `auto`. Absent: none. */
  readonly logfile?: string
  readonly backups: number
  readonly maxbytes: number
  readonly captureMaxbytes: number
  readonly events: boolean
  readonly syslog: boolean
}

/** What a program may ask for: `numprocs` of a misprint would fill the memory. */
const MOST_PROCESSES = 10_000

/** `processes_from_section` of supervisor options.py, sorted by name. @throws PythonError in supervisord's words */
export function processesOf(reading: Reading, section: string, group: string): readonly ProcessConfig[] {
  try {
    return readProcesses(reading, section, group)
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
    const file = reading.ini.sections.get(section)?.file ?? ''
    throw new PythonError(`${error.message} in section ${repr(section)} (file: ${repr(file)})`)
  }
}

interface Section {
  readonly reading: Reading
  readonly name: string
  /** Grows with each process: what one adds, the next one has, as in supervisord. */
  readonly expansions: Map<string, string | number>
  text(key: string): string | undefined
  text(key: string, fallback: string): string
  raw(key: string): string | undefined
}

function readProcesses(reading: Reading, name: string, group: string): readonly ProcessConfig[] {
  const program = groupName(name.slice(name.indexOf(':') + 1))
  const section = sectionOf(
    reading,
    name,
    new Map([
      ['here', reading.facts.here],
      ['program_name', program],
      ['host_node_name', hostNameOf(reading.facts)],
      ['group_name', group],
    ]),
  )
  const shared = sharedOf(section)
  const processName = groupName(section.raw('process_name') ?? '%(program_name)s')
  if (shared.numprocs > 1 && !processName.includes('%(process_num)')) {
    throw new PythonError('%(process_num) must be present within process_name when numprocs > 1')
  }
  if (shared.config.stopasgroup && !shared.config.killasgroup) {
    throw new PythonError('Cannot set stopasgroup=true and killasgroup=false')
  }
  if (shared.numprocs > MOST_PROCESSES) {
    throw new PythonError(`numprocs is ${shared.numprocs}; no more than ${MOST_PROCESSES} are taken here`)
  }
  const numbers = Array.from({ length: Math.max(shared.numprocs, 0) }, (_, index) => shared.first + index)
  return numbers
    .map((number) => processOf(section, shared, { number, processName }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function sectionOf(reading: Reading, name: string, expansions: Map<string, string | number>): Section {
  const get = (key: string) => getOption(reading, { section: name, key, expansions })
  return {
    reading,
    name,
    expansions,
    text: (key: string, fallback?: string) => (get(key) ?? fallback) as string,
    raw: (key) => getOption(reading, { section: name, key, raw: true }),
  }
}

type Shared = ReturnType<typeof sharedOf>

/** What all processes of a section have in common, read in supervisord's order, so that the first mistake is the same. */
function sharedOf({ reading, text, raw }: Section) {
  const priority = toInt(text('priority', '999'))
  const autostart = boolean(text('autostart', 'true'))
  const autorestart = autoRestart(text('autorestart', 'unexpected'))
  const startsecs = toInt(text('startsecs', '1'))
  const startretries = toInt(text('startretries', '3'))
  const stopsignal = signalNumber(text('stopsignal', 'TERM'))
  const stopwaitsecs = toInt(text('stopwaitsecs', '10'))
  const stopasgroup = boolean(text('stopasgroup', 'false'))
  const killasgroup = boolean(text('killasgroup', String(stopasgroup)))
  const exitcodes = exitCodes(text('exitcodes', '0'))
  const redirectStderr = boolean(text('redirect_stderr', 'false'))
  const numprocs = toInt(text('numprocs', '1'))
  const first = toInt(text('numprocs_start', '0'))
  const environment = raw('environment') ?? ''
  const captured = {
    stdout: streamOf('stdout'),
    stderr: streamOf('stderr'),
  }
  const serverurl = text('serverurl')
  const user = text('user')
  if (user !== undefined) knownUser(user, reading.facts)
  const umask = text('umask')
  const config = {
    priority,
    autostart,
    autorestart,
    startsecs,
    startretries,
    stopsignal,
    stopwaitsecs,
    stopasgroup,
    killasgroup,
    exitcodes,
    redirectStderr,
    ...(serverurl && serverurl.trim().toUpperCase() !== 'AUTO' ? { serverurl } : {}),
    ...(user === undefined ? {} : { user }),
    ...(umask === undefined ? {} : { umask: octal(umask) }),
  }
  return { config, captured, environment, numprocs, first }

  function streamOf(stream: 'stdout' | 'stderr') {
    return {
      captureMaxbytes: byteSize(text(`${stream}_capture_maxbytes`, '0')),
      events: boolean(text(`${stream}_events_enabled`, 'false')),
    }
  }
}

interface Process {
  readonly number: number
  readonly processName: string
}

function processOf(section: Section, shared: Shared, { number, processName }: Process): ProcessConfig {
  const { reading, expansions, text } = section
  const { facts } = reading
  const expand = (value: string, label: string) => expandFormat(value, namesOf([expansions], facts), label)
  expansions.set('process_num', number).set('numprocs', shared.numprocs)
  for (const [name, value] of reading.environment) expansions.set(name, value)
  reading.at = reading.ini.get(section.name, 'environment') ?? reading.at
  const environment = keyValues(expand(shared.environment, 'environment'))
  for (const [name, value] of environment) expansions.set(`ENV_${name}`, value)
  const directory = text('directory')
  const stdout = { ...streamOf(section, 'stdout', expand), ...shared.captured.stdout }
  const stderr = { ...streamOf(section, 'stderr', expand), ...shared.captured.stderr }
  if (shared.config.redirectStderr && stderr.logfile !== undefined && stderr.logfile !== 'auto') {
    const message =
      'redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored'
    reading.warnings.push(`For [${section.name}], ${message}`)
  }
  const { logfile: _, ...redirected } = stderr
  const command = text('command')
  if (command === undefined) throw new PythonError(`program section ${section.name} does not specify a command`)
  reading.at = reading.ini.get(section.name, 'process_name') ?? reading.at
  return {
    name: expand(processName, 'process_name'),
    command,
    ...(directory === undefined ? {} : { directory }),
    ...shared.config,
    stdout,
    stderr: shared.config.redirectStderr ? redirected : stderr,
    environment: Object.fromEntries(environment),
  }
}

type Stream = Omit<StreamConfig, 'captureMaxbytes' | 'events'>

/** The name of a log file is expanded twice, once where it is read and once here, as in supervisord. */
function streamOf(
  { reading, name, text }: Section,
  stream: 'stdout' | 'stderr',
  expand: (value: string, label: string) => string,
): Stream {
  const key = `${stream}_logfile`
  const written = text(key)
  const logfile = logFile(written === undefined ? undefined : expand(written, key), reading.facts)
  const backups = toInt(text(`${key}_backups`, '10'))
  const maxbytes = byteSize(text(`${key}_maxbytes`, '50MB'))
  const syslog = boolean(text(`${stream}_syslog`, 'false'))
  if (logfile.type === 'syslog') {
    const instead = `Use ${stream}_syslog=true to enable syslog instead.`
    reading.warnings.push(`For [${name}], ${key}=syslog but this is deprecated and will be removed.  ${instead}`)
  }
  if (logfile.type === 'auto' && maxbytes === 0) {
    const message = `AUTO logging used for ${key} without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally`
    reading.warnings.push(`For [${name}], ${message}`)
  }
  const path = logfile.type === 'file' ? logfile.path : logfile.type === 'auto' ? 'auto' : undefined
  return {
    ...(path === undefined ? {} : { logfile: path }),
    backups,
    maxbytes,
    syslog: syslog || logfile.type === 'syslog',
  }
}
