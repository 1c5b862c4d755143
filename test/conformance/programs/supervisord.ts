import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  type ConfigFile,
  readSupervisord,
  type SupervisordConfig,
} from '../../../src/kinds/program/supervisord/read-supervisord.ts'
import { SupervisordRefusal } from '../../../src/kinds/program/supervisord/reading.ts'
import type { HostFacts } from '../../../src/kinds/program/supervisord/values.ts'

export interface Configuration {
  readonly main: string
  /** By path, relative to the main file. */
  readonly files?: Readonly<Record<string, string>>
}

export type Verdict = { readonly error: string } | { readonly groups: unknown; readonly warnings: readonly string[] }

const PYTHON = '/usr/bin/python3'
/** `npm run conformance:programs` is built elsewhere, and runs in the folder of the project. */
const ORACLE = readFileSync('test/conformance/programs/supervisord.py', 'utf8')

const run = (cases: readonly Configuration[]) =>
  spawnSync(PYTHON, ['-c', ORACLE], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 1 << 29,
    timeout: 300_000,
    env: { ...process.env, SWARMKEEPER_SUPERVISOR: packages() ?? '' },
  })

/** Folder that has the package: what is asked for, Debian's own, or that of the image of the lab's hosts. */
function packages(): string | undefined {
  const asked = process.env.SWARMKEEPER_SUPERVISOR
  const cache = process.env.SWARMKEEPER_LAB_CACHE ?? '/var/cache/swarmkeeper-lab'
  const images = existsSync(cache) ? readdirSync(cache).map((image) => join(cache, image)) : []
  const folders = ['/', ...images].map((root) => join(root, 'usr/lib/python3/dist-packages'))
  return asked || folders.find((folder) => existsSync(join(folder, 'supervisor/options.py')))
}

/** Why the real supervisord cannot be asked, or undefined. */
export function missingSupervisord(): string | undefined {
  return run([]).status === 0
    ? undefined
    : 'no supervisor package for /usr/bin/python3, nor an image of the lab (apt: supervisor)'
}

/** What it says: folders are called HERE. A crash of supervisord itself, which no ValueError is, is an error as well. */
export function askSupervisord(cases: readonly Configuration[]): readonly (Verdict | { readonly crash: string })[] {
  const { status, stdout, stderr } = run(cases)
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as readonly Verdict[]
}

const namesIn = (path: string): ReadonlySet<string> =>
  new Set(
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => [line.split(':')[0] ?? '', line.split(':')[2] ?? '']),
  )
const users = namesIn('/etc/passwd')
const groups = namesIn('/etc/group')

/** This machine, for which the folder of the configuration is HERE. */
const facts: HostFacts = {
  here: 'HERE',
  hostName: hostname(),
  environment: { HOME: '/root' },
  userExists: (name) => users.has(name),
  groupExists: (name) => groups.has(name),
}

/** Folders of the configuration are there, and those of this machine. */
const isDirectory = (path: string, files: readonly string[]): boolean => {
  const [first, ...rest] = path.split('/').filter((part) => part !== '.')
  if (first !== 'HERE') return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  return rest.length === 0 || files.some((file) => file.startsWith(`${rest.join('/')}/`))
}

/** What we say of it. */
export function judge({ main, files = {} }: Configuration): Verdict {
  const include = (pattern: string): readonly ConfigFile[] => {
    // A folder matches, and nothing is read from it.
    if (/^([.]|HERE)[/]?$/.test(pattern)) return [{ path: `HERE/${pattern}`, text: '' }]
    const text = files[pattern.replace(/^\.\//, '')]
    return text === undefined ? [] : [{ path: `HERE/${pattern}`, text }]
  }
  const here = { ...facts, isDirectory: (path: string) => isDirectory(path, Object.keys(files)) }
  try {
    const config = readSupervisord({ path: 'HERE/supervisord.conf', text: main }, { facts: here, include })
    return { groups: groupsOf(config), warnings: config.warnings }
  } catch (error) {
    if (error instanceof SupervisordRefusal) return { error: error.message }
    throw error
  }
}

const groupsOf = (config: SupervisordConfig) =>
  config.groups.map(({ name, priority, processes }) => ({
    name,
    priority,
    processes: processes.map((process) => ({
      name: process.name,
      command: process.command,
      autostart: process.autostart,
      environment: { ...config.environment, ...process.environment },
      startsecs: process.startsecs,
      exitcodes: process.exitcodes,
      stopsignal: process.stopsignal,
      directory: process.directory ?? null,
      stdout: process.stdout.logfile ?? null,
      stderr: process.stderr.logfile ?? null,
    })),
  }))
