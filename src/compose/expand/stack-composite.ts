import { decodeText } from '../../desired/decode.ts'
import type { Document } from '../../desired/document.ts'
import type { Composite, CompositeContext } from '../../desired/expand/composite.ts'
import { LIMITS } from '../../desired/limits.ts'
import { quote } from '../../desired/quote.ts'
import { readWritten } from '../../desired/resolve-path.ts'
import { parseEnvFile } from '../../lib/env-file.ts'
import type { Stack as WrittenStack } from '../../model/written/stack.ts'
import { type LoadedCompose, loadCompose } from '../load/load-compose.ts'
import type { ComposeSchemas } from '../load/schema.ts'
import { membersOf } from './members.ts'
import { folderOf, readerIn } from './repository.ts'

/** `kind: Stack`: compose files become the resources that `docker stack deploy` would make of them. */
export function stackComposite(schemas: ComposeSchemas): Composite {
  return {
    name: 'Stack',
    expand: (document, context) => {
      const written = document.value as unknown as WrittenStack
      const stack: StackDocument = { document, written, context }
      const files = readComposeFiles(stack)
      const variables = readVariables(stack)
      const [first] = files ?? []
      if (!files || !first || !variables) return []
      const loaded = load(files, { stack, variables, schemas, folder: folderOf(first.path) })
      for (const problem of loaded.problems) context.report(problem)
      return loaded.model ? membersOf({ ...stack, ...loaded, model: loaded.model }) : []
    },
  }
}

interface StackDocument {
  readonly document: Document
  readonly written: WrittenStack
  readonly context: CompositeContext
}

interface ComposeFile {
  readonly path: string
  readonly content: Buffer
}

function refuse({ document, context }: StackDocument, pointer: string, message: string): undefined {
  context.report({ severity: 'error', position: document.position(pointer), pointer, message })
  return undefined
}

/** Undefined where one of them is not to be had; all that are missing are told. */
function readComposeFiles(stack: StackDocument): readonly ComposeFile[] | undefined {
  const { written } = stack
  const files = written.compose.map((path, index) => readFile(stack, `/compose/${index}`, path))
  return files.every((file) => file !== undefined) ? files : undefined
}

function readFile(stack: StackDocument, pointer: string, path: string): ComposeFile | undefined {
  const { document, context } = stack
  const found = readWritten(context.files, document.position(pointer).path, path)
  if ('refused' in found) return refuse(stack, pointer, found.refused)
  const large = found.content.length > LIMITS.fileBytes ? decodeText(found.content) : undefined
  return large && 'refused' in large ? refuse(stack, pointer, `${quote(found.path)}: ${large.refused}`) : found
}

/** The environment is this file alone: nobody's shell, and not that of swarmkeeper (swarm.md 19). */
function readVariables(stack: StackDocument): ReadonlyMap<string, string> | undefined {
  const { written, context } = stack
  if (written.envFile === undefined) return new Map()
  const file = readFile(stack, '/envFile', written.envFile)
  if (!file) return undefined
  const decoded = decodeText(file.content)
  if ('refused' in decoded) return refuse(stack, '/envFile', `${quote(file.path)}: ${decoded.refused}`)
  const { values, problems } = parseEnvFile(decoded.text)
  for (const { line, column, message, severity } of problems) {
    context.report({ severity, position: { path: file.path, line, column }, pointer: '', message })
  }
  return values
}

interface LoadOptions {
  readonly stack: StackDocument
  readonly variables: ReadonlyMap<string, string>
  readonly schemas: ComposeSchemas
  readonly folder: string
}

function load(files: readonly ComposeFile[], { stack, variables, schemas, folder }: LoadOptions): LoadedCompose {
  return loadCompose({
    files,
    variables: { values: variables, unset: stack.written.unset ?? 'error' },
    readFile: readerIn(folder, stack.context.files),
    folder,
    schemas,
  })
}
