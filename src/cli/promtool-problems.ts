import { join } from 'node:path'
import { decodeText } from '../desired/decode.ts'
import type { Document, RepositoryFiles } from '../desired/document.ts'
import { readDocuments } from '../desired/read-documents.ts'
import { readWritten, resolvePath } from '../desired/resolve-path.ts'
import { compileSchemas } from '../desired/schemas.ts'
import { loadSchemas } from '../lib/load-schemas.ts'
import type { Position, Problem } from '../model/problem.ts'
import type { Snapshot } from '../model/source.ts'
import { testedFiles } from '../promql/tested-files.ts'
import { oneLine, printable, shorten } from '../report/printable.ts'
import { YamlError } from '../yaml/yaml-error.ts'
import type { Promtool, PromtoolAnswer } from './promtool.ts'
import { repositoryFilesOf } from './where-written.ts'

interface Asking {
  readonly promtool: Promtool
  /** Folder that the paths of problems begin at. */
  readonly base: string
  readonly signal: AbortSignal
}

/**
 * What promtool says of rule files in which we found no error, and of the tests of AlertRules, where it is installed. It
 * reads what stands on this machine: nothing of a pull request comes here.
 */
export async function promtoolProblems(
  snapshot: Snapshot,
  known: readonly Problem[],
  asking: Asking,
): Promise<readonly Problem[]> {
  const files = await repositoryFilesOf(snapshot)
  const { documents } = readDocuments({ files, schemas: compileSchemas(loadSchemas()) })
  const problems: Problem[] = []
  for (const document of documents.filter(({ kind }) => kind === 'AlertRules')) {
    const rules = fileOf(document, 'file', snapshot)
    const wrong = known.some(({ severity, position }) => severity === 'error' && position.path === rules)
    if (rules === undefined || wrong) continue
    problems.push(...(await checkRules(rules, asking)), ...(await testRules(document, { ...asking, snapshot, files })))
  }
  return problems
}

/** Undefined where the document names none, or one that the snapshot does not have: that is told already. */
function fileOf(document: Document, key: 'file' | 'tests', snapshot: Snapshot): string | undefined {
  const written = (document.value as Readonly<Record<string, unknown>>)[key]
  const resolved = typeof written === 'string' ? resolvePath(document.position('').path, written) : undefined
  return resolved && 'path' in resolved && snapshot.files.has(resolved.path) ? resolved.path : undefined
}

async function checkRules(path: string, { promtool, base, signal }: Asking): Promise<readonly Problem[]> {
  const file = join(base, path)
  const answer = await promtool(['check', 'rules', file], { cwd: base, signal })
  if (!answer || answer.exitCode === 0) return []
  const lines = answer.output.split('\n').filter((line) => line.startsWith(`${file}: `))
  const said = lines.map((line) => line.slice(file.length + 2))
  return (said.length > 0 ? said : [shortened(answer)]).map((words) => problemOf(path, words))
}

/** `5:11: group "a", rule 1, …` says where. */
function problemOf(path: string, words: string): Problem {
  const [, line = '1', column = '1', rest = words] = /^(\d+):(\d+): (.*)$/s.exec(words) ?? []
  const position: Position = { path, line: Number(line), column: Number(column) }
  return { severity: 'error', position, pointer: '', message: `promtool refuses this: ${printable(rest)}` }
}

async function testRules(
  document: Document,
  {
    promtool,
    base,
    signal,
    snapshot,
    files,
  }: Asking & { readonly snapshot: Snapshot; readonly files: RepositoryFiles },
): Promise<readonly Problem[]> {
  const tests = fileOf(document, 'tests', snapshot)
  if (tests === undefined) return []
  const refused = refusedOf(tests, files)
  if (refused !== undefined) {
    const message = `the tests of these rules were not run: ${refused}`
    return [{ severity: 'error', position: document.position('/tests'), pointer: '/tests', message }]
  }
  const answer = await promtool(['test', 'rules', join(base, tests)], { cwd: base, signal })
  if (answer?.exitCode === 0) return []
  const position = document.position('/tests')
  const message = answer
    ? `the tests of these rules fail: ${shortened(answer)}`
    : 'the tests of these rules were not run: promtool is not installed (Debian package prometheus)'
  return [{ severity: answer ? 'error' : 'warning', position, pointer: '/tests', message }]
}

/** promtool reads whatever they name and repeats what it finds there: files of the repository alone, each by its name (SEC-1). */
function refusedOf(tests: string, files: RepositoryFiles): string | undefined {
  const found = files.read(tests)
  const decoded = found && found !== 'later' ? decodeText(found.content) : { refused: 'they cannot be read' }
  if ('refused' in decoded) return decoded.refused
  try {
    for (const name of testedFiles(decoded.text)) {
      const read = readWritten(files, tests, name)
      if ('refused' in read) return `rule_files: ${read.refused}`
    }
    return undefined
  } catch (error) {
    if (error instanceof YamlError) return error.message
    throw error
  }
}

const shortened = ({ output, exitCode }: PromtoolAnswer): string =>
  shorten(oneLine(output), 600) || `promtool ended with ${exitCode}`
