import { environmentNames, hostNameOf, namesOf } from './expansions.ts'
import { type GroupConfig, groupsOf } from './groups.ts'
import { Ini } from './ini.ts'
import { keyValues } from './key-values.ts'
import { expandFormat, PythonError, splitSpace, toInt } from './python.ts'
import { getOption, type Place, type Reading, refusing } from './reading.ts'
import {
  boolean,
  byteSize,
  existingDirectory,
  fileToWrite,
  type HostFacts,
  inetAddress,
  logLevel,
  octal,
  userAndGroup,
} from './values.ts'

export interface ConfigFile {
  readonly path: string
  readonly text: string
}

export interface SupervisordConfig {
  readonly groups: readonly GroupConfig[]
  /** Of its own section: what every process has in its environment. */
  readonly environment: Readonly<Record<string, string>>
  /** What it warns of, in its own words. */
  readonly warnings: readonly string[]
}

/**
 * A whole configuration, read as supervisord 4.2.5 reads it (supervisor options.py `ServerOptions.read_config`).
 * `include` gives the files that a pattern matches, relative to the folder of the main file.
 * @throws SupervisordRefusal with the complaint of supervisord
 */
export function readSupervisord(
  main: ConfigFile,
  { facts, include }: { readonly facts: HostFacts; include(pattern: string): readonly ConfigFile[] },
): SupervisordConfig {
  const reading = startReading(facts, main.path)
  return refusing(reading, () => {
    reading.ini.read(main.text, main.path)
    readIncluded(reading, include)
    if (!reading.ini.sections.has('supervisord')) {
      throw new PythonError('.ini file does not include supervisord section')
    }
    const environment = readOwnSection(reading)
    checkPlugins(reading)
    const groups = groupsOf(reading)
    checkServers(reading)
    return { groups, environment: Object.fromEntries(environment), warnings: reading.warnings }
  })
}

/**
 * One file of the include folder, on its own.
 * @throws SupervisordRefusal with the complaint of supervisord
 */
export function readProgramFile(
  file: ConfigFile,
  facts: HostFacts,
): SupervisordConfig & { readonly others: readonly Place[] } {
  const reading = startReading(facts, file.path)
  return refusing(reading, () => {
    reading.ini.read(file.text, file.path)
    reading.ini.expandHere(facts.here)
    const others = [...reading.ini.sections.values()].filter(({ name }) => !OF_PROGRAMS.test(name))
    return { groups: groupsOf(reading), environment: {}, warnings: reading.warnings, others }
  })
}

const OF_PROGRAMS = /^(program|group|eventlistener|fcgi-program):/

const startReading = (facts: HostFacts, file: string): Reading => ({
  ini: new Ini(),
  facts,
  environment: environmentNames(facts),
  warnings: [],
  at: { file, line: 1 },
})

const commonNames = ({ facts, environment }: Reading) =>
  namesOf(
    [
      new Map([
        ['here', facts.here],
        ['host_node_name', hostNameOf(facts)],
      ]),
      environment,
    ],
    facts,
  )

function readIncluded(reading: Reading, include: (pattern: string) => readonly ConfigFile[]): void {
  const { ini, facts } = reading
  const section = ini.sections.get('include')
  if (!section) return
  ini.expandHere(facts.here)
  reading.at = section
  const files = ini.get('include', 'files')
  if (!files) throw new PythonError('.ini file has [include] section, but no files setting')
  reading.at = files
  for (const pattern of splitSpace(expandFormat(files.value, commonNames(reading), 'include.files'))) {
    const found = include(pattern)
    if (found.length === 0) {
      const path = pattern.startsWith('/') ? pattern : `${facts.here}/${pattern}`
      reading.warnings.push(`No file matches via include "${path}"`)
    }
    for (const file of [...found].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      ini.read(file.text, file.path)
      ini.expandHere(file.path.replace(/\/[^/]*$/, ''))
    }
  }
}

/** In supervisord's order, so that the first mistake is the same. */
function readOwnSection(reading: Reading): ReadonlyMap<string, string> {
  const { facts } = reading
  const get = (key: string) =>
    getOption(reading, { section: 'supervisord', key, expansions: new Map([['here', facts.here]]) })
  const read = <T>(key: string, convert: (text: string) => T): void => {
    const text = get(key)
    if (text !== undefined) convert(text)
  }
  read('minfds', toInt)
  read('minprocs', toInt)
  read('directory', (path) => existingDirectory(path, facts))
  read('user', (name) => name)
  read('umask', octal)
  read('logfile', (path) => fileToWrite(path, facts))
  read('logfile_maxbytes', byteSize)
  read('logfile_backups', toInt)
  read('loglevel', logLevel)
  read('pidfile', (path) => fileToWrite(path, facts))
  read('identifier', (name) => name)
  read('nodaemon', boolean)
  read('silent', boolean)
  read('childlogdir', (path) => existingDirectory(path, facts))
  read('nocleanup', boolean)
  read('strip_ansi', boolean)
  const environment = keyValues(expandFormat(get('environment') ?? '', commonNames(reading), 'environment'))
  for (const [name, value] of environment) reading.environment.set(`ENV_${name}`, value)
  return environment
}

/** Whether Python finds the plugin is for the host to say. */
function checkPlugins(reading: Reading): void {
  for (const section of reading.ini.sections.keys()) {
    if (!section.startsWith('rpcinterface:')) continue
    const key = 'supervisor.rpcinterface_factory'
    const factory = getOption(reading, { section, key })
    if (factory === undefined) throw new PythonError(`section [${section}] does not specify a ${key}`)
    const { options } = reading.ini.sections.get(section) ?? { options: new Map() }
    for (const other of [...options.keys(), ...reading.ini.defaults.keys()]) {
      if (other !== key) getOption(reading, { section, key: other })
    }
  }
}

function checkServers(reading: Reading): void {
  const names = [...reading.ini.sections.keys()]
  for (const section of names.filter((name) => name.startsWith('inet_http_server'))) {
    checkLogin(reading, section)
    const port = getOption(reading, { section, key: 'port' })
    if (port === undefined) throw new PythonError(`section [${section}] has no port value`)
    inetAddress(port)
  }
  for (const section of names.filter((name) => name.startsWith('unix_http_server'))) checkSocket(reading, section)
}

function checkSocket(reading: Reading, section: string): void {
  const expansions = new Map([['here', reading.facts.here]])
  if (getOption(reading, { section, key: 'file', expansions }) === undefined) {
    throw new PythonError(`section [${section}] has no file value`)
  }
  checkLogin(reading, section)
  const chown = getOption(reading, { section, key: 'chown' })
  if (chown !== undefined && !userAndGroup(chown, reading.facts)) {
    throw new PythonError(`Invalid sockchown value ${chown}`)
  }
  const chmod = getOption(reading, { section, key: 'chmod' })
  if (chmod !== undefined && !isOctal(chmod)) throw new PythonError(`Invalid chmod value ${chmod}`)
}

function isOctal(text: string): boolean {
  try {
    octal(text)
    return true
  } catch (error) {
    if (error instanceof PythonError) return false
    throw error
  }
}

function checkLogin(reading: Reading, section: string): void {
  const username = getOption(reading, { section, key: 'username' })
  const password = getOption(reading, { section, key: 'password' })
  if ((username === undefined) === (password === undefined)) return
  throw new PythonError(
    `Section [${section}] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified`,
  )
}
