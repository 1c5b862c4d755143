export interface EnvFile {
  /** In the order of the file; of a name that stands there twice, the last value. */
  readonly values: ReadonlyMap<string, string>
  readonly problems: readonly EnvProblem[]
}

interface EnvProblem {
  readonly severity: 'error' | 'warning'
  /** From 1. */
  readonly line: number
  readonly column: number
  /** Never says a value: it may be a secret. */
  readonly message: string
}

/**
 * An env file, read as `docker run --env-file` reads it (docker/cli opts/file.go): a line is `KEY=VALUE`, empty, or a
 * comment that begins with `#`; the value is everything behind the first `=`, quotes and spaces with it. A name alone
 * would take its value from the environment of whoever runs docker: here there is none, so it is an error.
 */
export function parseEnvFile(text: string): EnvFile {
  const values = new Map<string, string>()
  const lines = new Map<string, number>()
  const problems: EnvProblem[] = []
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = parseLine(raw)
    if (!line) continue
    const at = { line: index + 1, column: line.column }
    if ('error' in line) {
      problems.push({ severity: 'error', ...at, message: line.error })
      continue
    }
    const warning = warningOf(line, lines)
    if (warning) problems.push({ severity: 'warning', ...at, message: warning })
    lines.set(line.key, at.line)
    values.set(line.key, line.value)
  }
  return { values, problems }
}

type Line =
  | { readonly key: string; readonly value: string; readonly column: number }
  | { readonly error: string; readonly column: number }

function parseLine(raw: string): Line | undefined {
  const text = raw.replace(/\r$/, '').trimStart()
  if (text === '' || text.startsWith('#')) return undefined
  const column = raw.length - raw.trimStart().length + 1
  const equals = text.indexOf('=')
  if (equals === -1) return { column, error: "the line has no '='; write NAME=value" }
  const key = text.slice(0, equals)
  if (key === '') return { column, error: "there is no name before '='" }
  if (/\s/.test(key)) return { column, error: "there is a space in the name before '='" }
  if (text.includes('\0')) return { column, error: 'the line has a NUL character' }
  return { column, key, value: text.slice(equals + 1) }
}

function warningOf(line: { readonly key: string; readonly value: string }, lines: ReadonlyMap<string, number>) {
  const first = lines.get(line.key)
  if (first !== undefined) return `'${line.key}' is set in line ${first} already; this value is taken`
  const quoted = /^(["']).*\1$/.test(line.value) && line.value.length > 1
  return quoted ? `the quotes are part of the value of '${line.key}', as docker reads env files` : undefined
}
