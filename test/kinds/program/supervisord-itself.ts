import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
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
const ORACLE = new URL('supervisord-oracle.py', import.meta.url).pathname

const run = (cases: readonly Configuration[]) =>
  spawnSync(PYTHON, [ORACLE], { input: JSON.stringify(cases), encoding: 'utf8', maxBuffer: 1 << 28, timeout: 60_000 })

/** Why the real supervisord cannot be asked, or undefined. */
export function missingSupervisord(): string | undefined {
  return run([]).status === 0 ? undefined : 'no supervisor package for /usr/bin/python3 (apt: supervisor)'
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
  isDirectory: (path) => path === 'HERE' || (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false),
}

/** What we say of it. */
export function judge({ main, files = {} }: Configuration): Verdict {
  const include = (pattern: string): readonly ConfigFile[] => {
    // A folder matches, and nothing is read from it.
    if (/^[.][/]?$/.test(pattern)) return [{ path: `HERE/${pattern}`, text: '' }]
    const text = files[pattern.replace(/^\.\//, '')]
    return text === undefined ? [] : [{ path: `HERE/${pattern}`, text }]
  }
  try {
    const config = readSupervisord({ path: 'HERE/supervisord.conf', text: main }, { facts, include })
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
