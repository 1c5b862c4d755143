import type { Position, Problem } from '../model/problem.ts'
import { checkValue } from './build-document.ts'
import { parseYaml } from './parse-yaml.ts'
import type { Check } from './schemas.ts'
import { positionAt, positionIn, type SourceFile } from './tree.ts'

/** A YAML file with one document that is not part of a repository: the operator's settings. */
export interface ReadOne {
  /** Undefined where there are errors. */
  readonly value: unknown
  readonly problems: readonly Problem[]
  position(pointer: string): Position
}

/** Reads and checks it as documents are read and checked, without variables and `extends`. */
export function readOne(from: { readonly path: string; readonly content: Uint8Array; readonly check: Check }): ReadOne {
  const parsed = parseYaml(from.content)
  const file: SourceFile = { path: from.path, lines: parsed.lines }
  const [tree, second] = parsed.trees
  const root = tree && { tree, file }
  const problems: Problem[] = parsed.flaws.map(({ offset, message, severity }) => ({
    severity,
    position: positionAt(file, offset),
    pointer: '',
    message,
  }))
  const refuse = (offset: number, message: string) =>
    problems.push({ severity: 'error', position: positionAt(file, offset), pointer: '', message })
  if (!tree && problems.length === 0) refuse(0, 'the file is empty')
  if (second) refuse(second.offset, 'the file has more than one document')
  const checked = root && problems.length === 0 ? checkValue(root, from.check) : undefined
  for (const problem of checked?.problems ?? []) problems.push({ ...problem, severity: 'error' })
  const position = (pointer: string) => (root ? positionIn(root, pointer) : positionAt(file, 0))
  return { value: checked && 'value' in checked ? checked.value : undefined, problems, position }
}
