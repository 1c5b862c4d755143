import { PythonError, repr, strip, toInt } from './python.ts'

/**
 * What only the host knows. `undefined` is an answer, too: nobody was asked, so nothing is said of it.
 */
export interface HostFacts {
  /** Folder of the main file: `%(here)s`. */
  readonly here: string
  readonly hostName?: string
  /** Environment that supervisord was started with; undefined: not known, and every `%(ENV_X)s` may be there. */
  readonly environment?: Readonly<Record<string, string>>
  userExists?(nameOrNumber: string): boolean | undefined
  groupExists?(nameOrNumber: string): boolean | undefined
  isDirectory?(path: string): boolean | undefined
}

/** Names that break the protocol of event listeners, or addresses of the web interface. */
export function groupName(written: string): string {
  const name = strip(written)
  const bad = [' ', ':', '/'].find((character) => name.includes(character))
  if (bad === undefined) return name
  throw new PythonError(`Invalid name: ${repr(written)} because of character: ${repr(bad)}`)
}

const TRUE = ['yes', 'true', 'on', '1']
const FALSE = ['no', 'false', 'off', '0']

export function boolean(written: string): boolean {
  const text = written.toLowerCase()
  if (TRUE.includes(text)) return true
  if (FALSE.includes(text)) return false
  throw new PythonError(`not a valid boolean value: ${repr(written)}`)
}

export function autoRestart(written: string): boolean | 'unexpected' {
  const text = written.toLowerCase()
  if (TRUE.includes(text)) return true
  if (FALSE.includes(text)) return false
  if (text === 'unexpected') return text
  throw new PythonError(`invalid 'autorestart' value ${repr(text)}`)
}

export const listOf = (written: string): readonly string[] => (written === '' ? [] : written.split(',').map(strip))

export function exitCodes(written: string): readonly number[] {
  try {
    const codes = written === '' ? [] : written.split(',').map((code) => toInt(code))
    if (codes.every((code) => code >= 0 && code <= 255)) return codes
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
  }
  throw new PythonError(`not a valid list of exit codes: ${repr(written)}`)
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGABRT: 6,
  SIGALRM: 14,
  SIGBUS: 7,
  SIGCHLD: 17,
  SIGCLD: 17,
  SIGCONT: 18,
  SIGFPE: 8,
  SIGHUP: 1,
  SIGILL: 4,
  SIGINT: 2,
  SIGIO: 29,
  SIGIOT: 6,
  SIGKILL: 9,
  SIGPIPE: 13,
  SIGPOLL: 29,
  SIGPROF: 27,
  SIGPWR: 30,
  SIGQUIT: 3,
  SIGRTMAX: 64,
  SIGRTMIN: 34,
  SIGSEGV: 11,
  SIGSTKFLT: 16,
  SIGSTOP: 19,
  SIGSYS: 31,
  SIGTERM: 15,
  SIGTRAP: 5,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGVTALRM: 26,
  SIGWINCH: 28,
  SIGXCPU: 24,
  SIGXFSZ: 25,
}

/** Python's `signal` has SIG_DFL and SIG_IGN among its names, and supervisord their numbers among its signals. */
const NUMBERS = new Set([0, 1, 2, ...Object.values(SIGNALS)])

export function signalNumber(written: string): number {
  const number = /^\s*[+-]?\d/.test(written) ? tryInt(written) : undefined
  if (number === undefined) {
    const name = strip(written).toUpperCase()
    const found = SIGNALS[name.startsWith('SIG') ? name : `SIG${name}`]
    if (found === undefined) throw new PythonError(`value ${repr(written)} is not a valid signal name`)
    return found
  }
  if (NUMBERS.has(number)) return number
  throw new PythonError(`value ${repr(written)} is not a valid signal number`)
}

function tryInt(written: string): number | undefined {
  try {
    return toInt(written)
  } catch (error) {
    if (error instanceof PythonError) return undefined
    throw error
  }
}

const UNITS: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

export function byteSize(written: string): number {
  const text = written.toLowerCase()
  const unit = UNITS[text.slice(-2)]
  return unit === undefined ? toInt(text) : toInt(text.slice(0, -2)) * unit
}

export function octal(written: string): number {
  try {
    return toInt(written, 8)
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
    throw new PythonError(`${written} can not be converted to an octal type`)
  }
}

const LEVELS = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather']

export function logLevel(written: string): string {
  const level = written.toLowerCase()
  if (LEVELS.includes(level)) return level
  throw new PythonError(`bad logging level name ${repr(written)}`)
}

/** A home that begins with `~` is known on the host alone. */
const asked = (path: string, facts: HostFacts): boolean | undefined =>
  path.startsWith('~') ? undefined : facts.isDirectory?.(path)

export function existingDirectory(path: string, facts: HostFacts): string {
  if (asked(path, facts) !== false) return path
  throw new PythonError(`${path} is not an existing directory`)
}

/** A file that may not be there, in a folder that is. */
export function fileToWrite(path: string, facts: HostFacts): string {
  const slash = path.lastIndexOf('/')
  const folder = slash === -1 ? '' : slash === 0 ? '/' : path.slice(0, slash)
  if (folder === '' || asked(folder, facts) !== false) return path
  throw new PythonError(`The directory named as part of the path ${path} does not exist`)
}

export function knownUser(name: string, facts: HostFacts): string {
  if (facts.userExists?.(name) !== false) return name
  throw new PythonError(`Invalid user ${tryInt(name) === undefined ? 'name' : 'id'} ${name}`)
}

/** `user:group`; what is wrong with it is said by whoever asks. */
export function userAndGroup(written: string, facts: HostFacts): boolean {
  const colon = written.indexOf(':')
  const user = colon === -1 ? written : written.slice(0, colon)
  const group = colon === -1 ? undefined : written.slice(colon + 1)
  return facts.userExists?.(user) !== false && (group === undefined || facts.groupExists?.(group) !== false)
}

export function portNumber(written: string): number {
  const port = toInt(written)
  if (port < 1) throw new PythonError(`${port} is below lower bound (1)`)
  if (port > 65535) throw new PythonError(`${port} is above upper bound (65535)`)
  return port
}

export function inetAddress(written: string): { readonly host: string; readonly port: number } {
  const colon = written.lastIndexOf(':')
  if (colon === -1) {
    try {
      return { host: '', port: portNumber(written) }
    } catch (error) {
      if (!(error instanceof PythonError)) throw error
      throw new PythonError(`not a valid port number: ${repr(written)} `)
    }
  }
  const text = written.slice(colon + 1)
  if (text === '') throw new PythonError(`no port number specified in ${repr(text)}`)
  const host = written.slice(0, colon).toLowerCase()
  return { host: host === '*' ? '' : host, port: portNumber(text) }
}

/** A path, nothing, or one of the words. */
export function logFile(
  written: string | undefined,
  facts: HostFacts,
): { readonly type: 'none' | 'auto' | 'syslog' } | { readonly type: 'file'; readonly path: string } {
  if (written === undefined) return { type: 'auto' }
  const text = written.toLowerCase()
  if (text === 'none' || text === 'off') return { type: 'none' }
  if (text === 'auto') return { type: 'auto' }
  if (text === 'syslog') return { type: 'syslog' }
  return { type: 'file', path: fileToWrite(written, facts) }
}
