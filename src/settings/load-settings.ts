import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseYaml } from '../desired/parse-yaml.ts'
import { positionIn, type Rooted, toPlain } from '../desired/tree.ts'
import { messageOf } from '../model/error.ts'
import type { Problem } from '../model/problem.ts'
import type { Settings as WrittenSettings } from '../model/written/settings.ts'
import { buildSettings } from './build-settings.ts'
import { CONFIG_VARIABLE, type Environment, overlay } from './environment.ts'
import { readableByAll } from './read-secret.ts'
import type { Settings } from './settings.ts'
import { type Fault, validate } from './validate.ts'

export interface SettingsInput {
  /** Default: SWARMKEEPER_CONFIG, else swarmkeeper.config.yaml, which need not exist. */
  readonly file?: string
  /** Content of the file, instead of reading it. */
  readonly text?: string
  readonly env: Environment
}

export type LoadedSettings =
  | { readonly settings: Settings; readonly warnings: readonly Problem[] }
  | { readonly problems: readonly Problem[] }

const DEFAULT_FILE = 'swarmkeeper.config.yaml'

/** Where in the file, or in which variable, a value was given. */
export type Report = (severity: Problem['severity'], fault: Fault & { readonly variable?: string }) => void

/** The operator's settings from file and environment: all problems at once, or settings that can be relied on. */
export function loadSettings(input: SettingsInput): LoadedSettings {
  const problems: Problem[] = []
  const path = input.file ?? input.env[CONFIG_VARIABLE] ?? DEFAULT_FILE
  const file = parseFile(path, readText(input, path, problems), problems)
  const overlaid = overlay(file && toPlain(file.tree), input.env)
  const report = reporter(path, file, overlaid.origins, problems)
  for (const error of overlaid.errors) report('error', error)
  for (const warning of overlaid.warnings) report('warning', warning)
  if (overlaid.written === undefined && input.text === undefined && !existsSync(path)) {
    const message = 'there is no such file here, and no SWARMKEEPER_… variable says anything'
    return { problems: problems.some(isError) ? problems : [atTop(path, 'error', message)] }
  }
  const faults = problems.some(isError) ? [] : validate(overlaid.written ?? {})
  for (const fault of faults) report('error', fault)
  if (problems.some(isError)) return { problems: inOrder(problems) }

  const written = overlaid.written as WrittenSettings
  if (input.text === undefined && holdsValues(written)) warnIfReadable(path, problems)
  const settings = buildSettings(written, { directory: dirname(resolve(path)), env: input.env, report })
  if (!settings || problems.some(isError)) return { problems: inOrder(problems) }
  return { settings, warnings: inOrder(problems) }
}

const isError = ({ severity }: Problem): boolean => severity === 'error'

const inOrder = (problems: readonly Problem[]): readonly Problem[] =>
  [...problems].sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column)

const atTop = (path: string, severity: Problem['severity'], message: string): Problem => {
  return { severity, position: { path, line: 1, column: 1 }, pointer: '', message }
}

function readText(input: SettingsInput, path: string, problems: Problem[]): Buffer {
  if (input.text !== undefined) return Buffer.from(input.text)
  try {
    return readFileSync(path)
  } catch (error) {
    const named = input.file !== undefined || input.env[CONFIG_VARIABLE] !== undefined
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (named || !absent) problems.push(atTop(path, 'error', `the settings cannot be read: ${messageOf(error)}`))
    return Buffer.alloc(0)
  }
}

function parseFile(path: string, content: Buffer, problems: Problem[]): Rooted | undefined {
  const { lines, trees, flaws } = parseYaml(content)
  for (const { offset, message, severity } of flaws) {
    problems.push({ severity, position: { path, ...lines.place(offset) }, pointer: '', message })
  }
  if (trees.length > 1) problems.push(atTop(path, 'error', 'holds more than one document: the settings are one'))
  const [tree] = trees
  if (tree && tree.type !== 'map') problems.push(atTop(path, 'error', 'must be a map (key: value)'))
  return tree && { tree, file: { path, lines } }
}

function reporter(
  path: string,
  file: Rooted | undefined,
  origins: ReadonlyMap<string, string>,
  problems: Problem[],
): Report {
  const variableOf = (pointer: string) =>
    [...origins].find(([origin]) => pointer === origin || pointer.startsWith(`${origin}/`))?.[1]
  return (severity, { pointer, message, at, variable = variableOf(pointer) }) => {
    const inFile = file ? positionIn(file, pointer, at) : { path, line: 1, column: 1 }
    const position = variable === undefined ? inFile : { path: `$${variable}`, line: 1, column: 1 }
    problems.push({ severity, position, pointer, message })
  }
}

function holdsValues(written: WrittenSettings): boolean {
  return JSON.stringify(written, (key, value: unknown) => (key === 'value' ? '\u0000here' : value)).includes(
    '\\u0000here',
  )
}

function warnIfReadable(path: string, problems: Problem[]): void {
  if (!readableByAll(resolve(path), statSync(path))) return
  problems.push(atTop(path, 'warning', 'holds secrets, and everybody on this machine can read it: chmod 0600'))
}
