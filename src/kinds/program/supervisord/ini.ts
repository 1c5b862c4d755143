import { firstNonSpace, isSpace, PythonError, repr, strip, stripEnd } from './python.ts'

export interface Option {
  readonly value: string
  /** File, and line from 1, of its first line. */
  readonly file: string
  readonly line: number
}

interface Collected extends Option {
  readonly lines: string[]
}

export interface IniSection {
  readonly name: string
  /** File that it was first seen in, and its line there. */
  readonly file: string
  readonly line: number
  readonly options: Map<string, Option>
}

/**
 * What Python 3's `RawConfigParser` makes of files, set up as supervisord does (supervisor options.py
 * UnhosedConfigParser): `;` and `#` begin a comment at the start of a line or after white space, `=` or `:` ends a key, keys
 * are lower case, an indented line goes on, and what is written twice is what was written last, over several files too.
 */
export class Ini {
  readonly sections = new Map<string, IniSection>()
  /** Of `[DEFAULT]`: of every section. */
  readonly defaults = new Map<string, Option>()

  /** @throws PythonError in Python's words */
  read(text: string, file: string): void {
    const reader: Reader = { file, section: undefined, option: undefined, indent: 0, errors: [] }
    for (const [index, line] of linesOf(text).entries()) this.#readLine(line, index + 1, reader)
    this.#join()
    if (reader.errors.length === 0) return
    const list = reader.errors.map(({ line, text }) => `\n\t[line ${String(line).padStart(2)}]: ${repr(text)}`)
    throw new PythonError(`Source contains parsing errors: ${repr(file)}${list.join('')}`)
  }

  get(section: string, key: string): Option | undefined {
    return this.sections.get(section)?.options.get(key) ?? this.defaults.get(key)
  }

  /** `%(here)s` is the folder of the file that it stands in: replaced before the next file is read. */
  expandHere(here: string): void {
    for (const { options } of this.sections.values()) {
      for (const [key, option] of [...this.defaults, ...options]) {
        if (!option.value.includes('%(here)s') || (options.has(key) && options.get(key) !== option)) continue
        options.set(key, { ...option, value: option.value.replaceAll('%(here)s', here) })
      }
    }
  }

  #readLine(line: string, number: number, reader: Reader): void {
    const comment = commentStart(line)
    const value = strip(comment === undefined ? line : line.slice(0, comment))
    const { section, option } = reader
    if (value === '') {
      // An empty line is part of a value, unless a comment stands on it.
      if (comment === undefined && section && option) option.lines.push('')
      return
    }
    const indent = Math.max(firstNonSpace(line), 0)
    if (section && option && indent > reader.indent) {
      option.lines.push(value)
      return
    }
    reader.indent = indent
    const header = /^\[(.+)\]/.exec(value)?.[1]
    if (header !== undefined) this.#begin(header, number, reader)
    else if (!section) {
      throw new PythonError(
        `File contains no section headers.\nfile: ${repr(reader.file)}, line: ${number}\n${repr(line)}`,
      )
    } else readOption(value, { line, number }, reader)
  }

  #begin(name: string, line: number, reader: Reader): void {
    const { file } = reader
    reader.option = undefined
    if (name === 'DEFAULT') {
      reader.section = this.defaults
      return
    }
    const known = this.sections.get(name) ?? { name, file, line, options: new Map<string, Option>() }
    this.sections.set(name, known)
    reader.section = known.options
  }

  #join(): void {
    for (const options of [this.defaults, ...[...this.sections.values()].map((section) => section.options)]) {
      for (const [key, option] of options) {
        if (!('lines' in option)) continue
        const { lines, file, line } = option as Collected
        options.set(key, { value: stripEnd(lines.join('\n')), file, line })
      }
    }
  }
}

interface Reader {
  readonly file: string
  section: Map<string, Option> | undefined
  option: Collected | undefined
  indent: number
  readonly errors: { readonly line: number; readonly text: string }[]
}

/** With their line break, as Python reads them. */
function linesOf(text: string): readonly string[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  return lines.map((line, index) => (index === lines.length - 1 ? line : `${line}\n`)).filter((line) => line !== '')
}

/** `name = value`, or `name: value`; what stands before the first of these signs is the name. */
function partsOf(value: string): { readonly name: string | undefined; readonly written: string } {
  const at = value.search(/[=:]/)
  return at === -1
    ? { name: undefined, written: '' }
    : { name: value.slice(0, at).trimEnd(), written: value.slice(at + 1).trimStart() }
}

function readOption(value: string, at: { readonly line: string; readonly number: number }, reader: Reader): void {
  const { name, written } = partsOf(value)
  if (name === undefined || name === '') reader.errors.push({ line: at.number, text: at.line })
  if (name === undefined) return
  const text = strip(written)
  const option: Collected = { value: text, lines: [text], file: reader.file, line: at.number }
  // Nothing goes on what has no name: Python asks whether the name is true.
  reader.option = name === '' ? undefined : option
  reader.section?.set(stripEnd(name).toLowerCase(), option)
}

const PREFIXES = [';', '#']

/** Where a comment begins; undefined: the line has none. */
function commentStart(line: string): number | undefined {
  if (PREFIXES.includes(strip(line)[0] ?? '')) return 0
  for (let at = 0; at < line.length; at++) {
    if (PREFIXES.includes(line[at] ?? '') && (at === 0 || isSpace(line[at - 1]))) return at
  }
  return undefined
}
