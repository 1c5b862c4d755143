import { getPointer } from '../lib/json-pointer.ts'
import { InternalError } from '../model/error.ts'

export type JsonSchema = { readonly [key: string]: unknown }

/** The files of schemas/, by name. */
export type SchemaFiles = ReadonlyMap<string, JsonSchema>

/**
 * A schema with every `$ref` replaced by what it means: then the path of an error says through which branches it came,
 * which the messages about unions need. What stands beside a `$ref` (title, description, examples) wins; the title of
 * what is referred to is kept as `noun`, when it is a kind of text: "a duration".
 */
export function inlined(file: string, files: SchemaFiles): JsonSchema {
  return inline(files.get(file), { file, files, open: [] }) as JsonSchema
}

interface Inlining {
  /** The file that is being read: refs are relative to it. */
  readonly file: string
  readonly files: SchemaFiles
  /** Refs that we are inside of. */
  readonly open: readonly string[]
}

/** Not schemas, though they may look like some. */
const VERBATIM = new Set(['examples', 'default', 'const', 'enum'])

function inline(schema: unknown, inlining: Inlining): unknown {
  if (Array.isArray(schema)) return schema.map((item) => inline(item, inlining))
  if (schema === null || typeof schema !== 'object') return schema
  const entries = Object.entries(schema).filter(([key]) => !['$ref', '$id', '$schema', 'definitions'].includes(key))
  const own = Object.fromEntries(
    entries.map(([key, value]) => [key, VERBATIM.has(key) ? value : inline(value, inlining)]),
  )
  const ref = '$ref' in schema ? schema.$ref : undefined
  return typeof ref === 'string' ? { ...referred(ref, inlining), ...own } : own
}

function referred(ref: string, inlining: Inlining): JsonSchema {
  const [name, pointer] = ref.split('#')
  const file = name || inlining.file
  const full = `${file}#${pointer ?? ''}`
  if (inlining.open.includes(full)) throw new InternalError(`the schema ${full} refers to itself`)
  const schema = getPointer(inlining.files.get(file), pointer ?? '')
  if (schema === null || typeof schema !== 'object') throw new InternalError(`there is no schema ${full}`)
  const target = inline(schema, { ...inlining, file, open: [...inlining.open, full] }) as JsonSchema
  return isText(target) ? { ...target, noun: target.noun ?? target.title } : target
}

const isText = (schema: JsonSchema): boolean =>
  schema.type === 'string' || (Array.isArray(schema.type) && schema.type.includes('string'))
