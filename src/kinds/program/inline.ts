import { NormalizeProblem } from '../../model/kind.ts'
import type { Program } from '../../model/written/program.ts'
import { keyValues } from './supervisord/key-values.ts'

/** Keys of the document that are swarmkeeper's. */
const OURS = new Set([
  'kind',
  'name',
  'target',
  'hosts',
  'rollout',
  'keeper',
  'conf',
  'state',
  'restartOn',
  'environment',
])

/** Line -> the key that it was written with. */
export interface InlineText {
  readonly text: string
  readonly keys: readonly string[]
}

export const inlineKeys = (written: Program): readonly string[] =>
  Object.keys(written).filter((key) => !OURS.has(key) || key === 'environment')

/** The section that a document with inline fields means. @throws NormalizeProblem where no file could say it */
export function inlineText(written: Program): InlineText {
  const fields = Object.entries(written)
    .filter(([key, value]) => !OURS.has(key) && value !== undefined)
    .map(([key, value]) => [key, oneLine(String(value), `/${key}`)] as const)
  const environment = written.environment ? [['environment', environmentText(written.environment)] as const] : []
  const lines = [...fields, ...environment]
  return {
    text: [`[program:${written.name}]`, ...lines.map(([key, value]) => `${key}=${value}`), ''].join('\n'),
    keys: ['name', ...lines.map(([key]) => key)],
  }
}

function oneLine(value: string, pointer: string): string {
  if (/[\n\r\0]/.test(value))
    throw new NormalizeProblem(pointer, 'a line break or a NUL: write a file, and name it as conf')
  if (/(^|\s)[;#]/.test(value)) {
    throw new NormalizeProblem(
      pointer,
      'supervisord would take what begins with the ; or # for a comment, and leave it out',
    )
  }
  // `%s` alone would put all that supervisord knows, its own environment included, in its place
  if (/%(?![(%])/.test(value.replaceAll('%%', ''))) {
    throw new NormalizeProblem(pointer, 'a single % begins an expansion of supervisord: write %% for the sign itself')
  }
  return value
}

/** Quoted, and proven to be read as it was written. */
export function environmentText(environment: NonNullable<Program['environment']>): string {
  return Object.entries(environment)
    .map(([name, value]) => {
      const pointer = `/environment/${name}`
      const text = oneLine(String(value), pointer)
      const pair = `${name}=${text.includes('"') ? `'${text}'` : `"${text}"`}`
      if (readBack(pair)?.get(name) === text) return pair
      throw new NormalizeProblem(
        pointer,
        "supervisord's format cannot hold this name or value: quotes within, or at an end",
      )
    })
    .join(',')
}

function readBack(pair: string): ReadonlyMap<string, string> | undefined {
  try {
    const values = keyValues(pair)
    return values.size === 1 ? values : undefined
  } catch {
    return undefined // no pair at all: the caller says so
  }
}
