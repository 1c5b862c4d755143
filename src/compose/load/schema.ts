import { Ajv, type ValidateFunction } from 'ajv'
import { explain } from '../../desired/explain.ts'
import { inlined, type JsonSchema, type SchemaFiles } from '../../desired/inline-schema.ts'
import { LIMITS } from '../../desired/limits.ts'
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
  const compiled = new Map<string, ValidateFunction>()
  const validator = (version: string): ValidateFunction => {
    const known = compiled.get(version) ?? compile(fileOf(version), files)
    compiled.set(version, known)
    return known
  }
  return {
    has: (version) => files.has(fileOf(version)),
    check: (root, version) => complaints(root, validator(version)),
  }
}

const fileOf = (version: string): string => `config_schema_v${version}.json`

/** The schemas are of draft 4; what they use of it means the same today, but for `id`, which nothing refers to. */
function compile(file: string, files: SchemaFiles): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: false, ownProperties: true })
  ajv.addFormat('duration', { type: 'string', validate: isGoDuration })
  ajv.addFormat('ports', true)
  ajv.addFormat('expose', true)
  return ajv.compile(withoutIds(inlined(file, files)) as JsonSchema)
}

function withoutIds(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutIds)
  if (schema === null || typeof schema !== 'object') return schema
  const kept = Object.entries(schema).filter(([key, value]) => key !== 'id' || typeof value !== 'string')
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutIds(value)]))
}

function complaints(root: Node, validate: ValidateFunction): readonly Finding[] {
  if (validate(toJson(root))) return []
  return explain(validate.errors ?? [])
    .slice(0, LIMITS.problems)
    .map(({ pointer, at, message }) => {
      const found = findIn(root, pointer)
      return { severity: 'error', offset: at === 'key' ? found.key : found.node.start, pointer, message }
    })
}
