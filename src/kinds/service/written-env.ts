import { type NormalizeContext, NormalizeProblem } from '../../model/kind.ts'
import type { Service } from '../../model/written/service.ts'
import { oneOrMany } from '../written-values.ts'
import type { ServiceSpec } from './spec.ts'

type Env = Record<string, string | null>

/** `env` goes before files, later files before earlier ones. */
export function readEnv(
  written: Pick<Service, 'env' | 'envFile'>,
  pointer: string,
  context: NormalizeContext,
): ServiceSpec['env'] {
  const many = Array.isArray(written.envFile)
  const files = oneOrMany(written.envFile).map((path, index) =>
    readEnvFile(path, many ? `${pointer}/envFile/${index}` : `${pointer}/envFile`, context),
  )
  return Object.assign({}, ...files, readVariables(written.env, `${pointer}/env`, context))
}

function readVariables(env: Service['env'], pointer: string, context: NormalizeContext): Env {
  if (!Array.isArray(env)) {
    const entries = Object.entries(env ?? {}).map(([key, value]): [string, string | null] => [
      checkedName(key, pointer),
      value === null ? null : String(value),
    ])
    return Object.fromEntries(entries)
  }
  const lines = env.map((line, index) => readLine(line, `${pointer}/${index}`))
  for (const [index, [name]] of lines.entries()) {
    const later = lines.findIndex(([other], place) => place > index && other === name)
    if (later >= 0) context.warn(`${pointer}/${index}`, `${name} is set again in item ${later + 1}, which wins`)
  }
  return Object.fromEntries(lines)
}

function readLine(line: string, pointer: string): [string, string | null] {
  const equals = line.indexOf('=')
  if (equals < 0) return [checkedName(line, pointer), null]
  return [checkedName(line.slice(0, equals), pointer), line.slice(equals + 1)]
}

function checkedName(name: string, pointer: string): string {
  if (name !== '' && !/[\s=\0]/.test(name)) return name
  throw new NormalizeProblem(pointer, `'${name}' is not a name of a variable`)
}

/**
 * Lines of `KEY=value`, as the Docker CLI reads them: no quotes, no expansion, `#` begins a comment line. A name alone
 * would mean a variable of the process that applies: refused (swarm.md 19).
 */
function readEnvFile(path: string, pointer: string, context: NormalizeContext): Env {
  const text = context
    .file(path, pointer)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  if (text.includes('\uFFFD') || text.includes('\0')) throw new NormalizeProblem(pointer, `${path} is not a text file`)
  const env: [string, string][] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trimStart()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const [name, value] = readLine(trimmed, pointer)
    if (value === null)
      throw new NormalizeProblem(
        pointer,
        `${path}:${index + 1}: '${name}' has no value; write ${name}= for an empty one`,
      )
    if (/^(["']).*\1$/.test(value))
      context.warn(pointer, `${path}:${index + 1}: the quotes are part of the value of ${name}`)
    env.push([name, value])
  }
  return Object.fromEntries(env)
}
