import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { explain } from '../../desired/explain.ts'
import { inlined, type JsonSchema, type SchemaFiles } from '../../desired/inline-schema.ts'
import { LIMITS } from '../../desired/limits.ts'
import { quote } from '../../desired/quote.ts'
import { isGoDuration } from '../go/duration.ts'
import { type Finding, findIn } from '../source.ts'
import type { Node } from '../yaml/node.ts'
import { toJson } from './plain.ts'

/** What is taken where a file says no version, or `3`. */
export const LATEST = '3.13'

/** The docker CLI's own JSON Schemas of compose files, compiled when a version is first used. */
export interface ComposeSchemas {
  has(version: string): boolean
  check(root: Node, version: string): readonly Finding[]
}

/** @param files `config_schema_v3.13.json` and its like, by name */
export function composeSchemas(files: SchemaFiles): ComposeSchemas {
  const judges = new Map<string, ValidateFunction>()
  const explainers = new Map<string, ValidateFunction>()
  const judge = (file: string) => remembered(judges, file, () => compile(files.get(file) ?? {}))
  // Compiling it takes several times as long, so only who makes a mistake waits for it.
  const explainer = (file: string) => remembered(explainers, file, () => compile(inlined(file, files)))
  return {
    has: (version) => files.has(fileOf(version)),
    check(root, version) {
      const value = toJson(root)
      const file = fileOf(version)
      return judge(file)(value) ? [] : complaints(root, value, explainer(file))
    },
  }
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}

const fileOf = (version: string): string => `config_schema_v${version}.json`

/** The schemas are of draft 4; what they use of it means the same today, but for `id`, which nothing refers to. */
function compile(schema: JsonSchema): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: false, ownProperties: true })
  ajv.addFormat('duration', { type: 'string', validate: isGoDuration })
  ajv.addFormat('ports', true)
  ajv.addFormat('expose', true)
  return ajv.compile(withoutIds(schema) as JsonSchema)
}

function withoutIds(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutIds)
  if (schema === null || typeof schema !== 'object') return schema
  const kept = Object.entries(schema).filter(
    ([key, value]) => !['id', '$schema'].includes(key) || typeof value !== 'string',
  )
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutIds(value)]))
}

function complaints(root: Node, value: unknown, validate: ValidateFunction): readonly Finding[] {
  validate(value)
  return explain((validate.errors ?? []).map(inWords))
    .slice(0, LIMITS.problems)
    .map(({ pointer, at, message }) => {
      const found = findIn(root, pointer)
      return { severity: 'error', offset: at === 'key' ? found.key : found.node.start, pointer, message }
    })
}

/** The one format of these schemas that texts can break; by a word of its own, for formats of documents have other ones. */
function inWords(error: ErrorObject): ErrorObject {
  if (error.keyword !== 'format') return error
  const message = `${quote(String(error.data))} is not a duration like 30s, 1m30s or 24h; there is no unit for days`
  return { ...error, keyword: 'goDuration', message }
}
