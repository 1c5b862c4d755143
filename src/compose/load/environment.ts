import type { ByName } from '../model.ts'
import { at, type Cursor, items, refuse } from './cursor.ts'

/** Files beside the compose files, by paths as they are written there; undefined where there is none. */
export type ReadFile = (path: string) => Uint8Array | undefined

export interface EnvironmentOptions {
  readonly values: ReadonlyMap<string, string>
  readonly readFile: ReadFile
}

type Environment = ByName<string | null>

/**
 * Variables of a service: those of its env files, later ones over earlier ones, and its own over those. One without a
 * value, or an empty one, takes the value of the variable of that name, where there is one.
 */
export function resolveEnvironment(
  cursor: Cursor,
  written: { readonly env_file?: readonly string[]; readonly environment?: Environment },
  options: EnvironmentOptions,
): Environment | undefined {
  const files = Object.assign(
    {},
    ...(written.env_file ?? []).map((path, index) => envFile(path, index, cursor, options)),
  )
  const resolved = { ...filled(files, options.values), ...filled(written.environment ?? {}, options.values) }
  return Object.keys(resolved).length > 0 ? resolved : undefined
}

const filled = (environment: Environment, values: ReadonlyMap<string, string>): Environment =>
  Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, value || (values.get(key) ?? value)]))

function envFile(path: string, index: number, service: Cursor, { readFile, values }: EnvironmentOptions): Environment {
  const written = at(service, 'env_file')
  const cursor = (written && (items(written)[index] ?? written)) ?? service
  const content = readFile(path)
  if (!content) return refuse(cursor, `there is no file '${path}'`) ?? {}
  const read = readEnvFile(content, values)
  return 'wrong' in read ? (refuse(cursor, `${path}:${read.line}: ${read.wrong}`) ?? {}) : read.variables
}

/** Bytes that Go's line reader has room for. */
const LONGEST_LINE = 64 * 1024

type ReadEnvFile = { readonly variables: ByName<string> } | { readonly wrong: string; readonly line: number }

/**
 * Lines of `KEY=value` as the docker CLI reads env files (docker/cli pkg/kvfile): quotes and spaces are part of the
 * value, `#` begins a comment at the beginning of a line only, a name alone takes the value of the variable of that
 * name or is left out.
 */
function readEnvFile(content: Uint8Array, values: ReadonlyMap<string, string>): ReadEnvFile {
  const variables: [string, string][] = []
  const text = utf8(content)
  if (text === undefined) return { wrong: 'the file is not UTF-8 text', line: 1 }
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (Buffer.byteLength(raw) >= LONGEST_LINE) return { wrong: 'the line is longer than 64 KiB', line: index + 1 }
    const line = raw.replace(/\r$/, '').replace(/^(?:(?!\uFEFF)[\s\u0085])+/, '')
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    const key = equals < 0 ? line : line.slice(0, equals)
    if (key === '') return { wrong: "there is no name before '='", line: index + 1 }
    if (/[ \t]/.test(key)) return { wrong: "there is a space in the name before '='", line: index + 1 }
    const value = equals < 0 ? values.get(key) : line.slice(equals + 1)
    if (value !== undefined) variables.push([key, value])
  }
  return { variables: Object.fromEntries(variables) }
}

function utf8(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return undefined
  }
}
