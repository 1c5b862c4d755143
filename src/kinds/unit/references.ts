import { stripEnd } from '../../lib/strip.ts'
import type { Assignment } from './unit-file.ts'
import { listOf, settingOf } from './unit-file.ts'

/** What else of a host a unit stands on. */
export interface UnitReferences {
  readonly environmentFiles: readonly string[]
  /** Programs and scripts that it runs, and what they are told to read in /etc. */
  readonly commands: readonly string[]
  readonly user?: string
}

const RUNS = ['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost', 'ExecReload', 'ExecStop', 'ExecStopPost']

export function unitReferences(assignments: readonly Assignment[]): UnitReferences {
  const user = settingOf(assignments, 'Service', 'User')
  const files = listOf(assignments, 'Service', 'EnvironmentFile').map((path) => path.replace(/^-/, ''))
  const commands = RUNS.flatMap((key) => listOf(assignments, 'Service', key)).flatMap((line) =>
    // what stands before a command changes how it runs (systemd.service(5), command lines)
    commandPaths(line.replace(/^[-@:+!|]+/, '')),
  )
  return {
    environmentFiles: distinct(files.filter(isPlain)),
    commands: distinct(commands),
    ...(user === undefined || !/^[a-z_]/.test(user) || user === 'root' ? {} : { user }),
  }
}

/** An interpreter is told what to run; what is in /etc is a configuration. */
export function commandPaths(line: string): readonly string[] {
  const [first = '', second = '', ...rest] = line
    .split(/\s+/)
    .map((word) => stripEnd(word.replace(/^['"]+/, ''), (sign) => `'";`.includes(sign)))
  const read = [second, ...rest].map((word) => word.replace(/^[-\w]+=/, '')).filter((word) => word.startsWith('/etc/'))
  return [first, second, ...read].filter(isPlain).filter((path) => !OF_SYSTEM.test(path))
}

/** No specifier, no pattern; the kernel's own are no files. */
const isPlain = (path: string): boolean => /^\/[^%*?[\]{}$\s]+$/.test(path) && !/^\/(proc|sys|dev|run)\//.test(path)

/** Folders of packages, and of nobody else (hier(7)). */
const OF_SYSTEM = /^\/(usr\/)?(s?bin|lib[0-9a-z]*|libexec|share)\/|^\/usr\/games\//

const distinct = (items: readonly string[]): readonly string[] => [...new Set(items)]
