import { NormalizeProblem } from '../../model/kind.ts'
import { Ini } from './supervisord/ini.ts'
import { keyValues } from './supervisord/key-values.ts'
import { PythonError } from './supervisord/python.ts'

/** A program of a `.conf` file that gets something more than what stands there; the rest of the file stays as it is. */
export interface ConfProgram {
  readonly text: string
  /** `program:digest`, as it stands between the brackets. */
  readonly section: string
}

/**
 * The program that a file is about: the one of this name, or the only one.
 * @throws NormalizeProblem where that cannot be told
 */
export function programIn(text: string, name: string): ConfProgram {
  const sections = [...iniOf(text).sections.keys()].filter((section) => section.startsWith('program:'))
  const [only, second] = sections
  const section = sections.find((one) => one === `program:${name}`) ?? (second === undefined ? only : undefined)
  if (section !== undefined) return { text, section }
  const found = only === undefined ? 'no program in it' : `several programs in it, and no [program:${name}]`
  throw new NormalizeProblem('/conf', `there is ${found}`)
}

/** An option of its section, as supervisord reads it. */
export const optionIn = ({ text, section }: ConfProgram, key: string): string | undefined =>
  iniOf(text).get(section, key)?.value

/** Name -> value, as it is written: what supervisord expands in it is not. */
export function environmentIn(program: ConfProgram): ReadonlyMap<string, string> {
  try {
    return keyValues(optionIn(program, 'environment') ?? '')
  } catch (error) {
    // What is wrong with the file is told by who reads the whole of it.
    if (error instanceof PythonError) return new Map()
    throw error
  }
}

/** With an option that it does not have yet. */
export function withOption({ text, section }: ConfProgram, key: string, value: string): ConfProgram {
  const header = iniOf(text).sections.get(section)?.line ?? 1
  return { section, text: withLine(text, header, `${key}=${value}`) }
}

/** `pairs`: `NAME="value"`, with commas between. They come before those that are there. */
export function withEnvironment(program: ConfProgram, pairs: string): ConfProgram {
  const { text, section } = program
  if (pairs === '') return program
  const ini = iniOf(text)
  const own = ini.sections.get(section)?.options.get('environment')
  const rest = own?.value ?? ini.defaults.get('environment')?.value ?? ''
  const joined = rest.trim() === '' ? pairs : `${pairs},`
  if (!own) return withOption(program, 'environment', `${joined}${rest.replaceAll(/\s*\n\s*/g, ' ')}`)
  const lines = text.split('\n')
  const line = lines[own.line - 1] ?? ''
  lines[own.line - 1] = line.replace(/^([^=:]*[=:])[ \t]*/, (begin) => `${begin}${joined}`)
  return { section, text: lines.join('\n') }
}

function withLine(text: string, after: number, line: string): string {
  const lines = text.split('\n')
  return [...lines.slice(0, after), line, ...lines.slice(after)].join('\n')
}

/** What Python refuses has no sections here: it is told by who reads the file as supervisord does. */
function iniOf(text: string): Ini {
  const ini = new Ini()
  try {
    ini.read(text, '')
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
  }
  return ini
}
