import { NormalizeProblem } from '../../model/kind.ts'

/** What shells, systemd (EnvironmentFile=) and dotenv readers take as it is. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]*$/

/**
 * Lines of `NAME=value`. What is not plain stands in double quotes, with a backslash before what a shell, and systemd's
 * `EnvironmentFile=`, would read otherwise: both give back the value.
 * @throws NormalizeProblem
 */
export function envLines(values: Readonly<Record<string, string>>, pointer: string): string {
  return Object.entries(values)
    .map(([name, value]) => `${nameOf(name, pointer)}=${quoted(name, value, pointer)}\n`)
    .join('')
}

function nameOf(name: string, pointer: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name
  throw new NormalizeProblem(pointer, `'${JSON.stringify(name).slice(1, -1)}' is no name of an environment variable`)
}

function quoted(name: string, value: string, pointer: string): string {
  if (PLAIN.test(value)) return value
  if (/[\n\r\0]/.test(value)) {
    throw new NormalizeProblem(
      `${pointer}/${name}`,
      'the value has a line break or a NUL, which an env file cannot hold',
    )
  }
  return `"${value.replace(/["\\$`]/g, '\\$&')}"`
}
