import { readFileSync } from 'node:fs'
import { inlined, type JsonSchema, type SchemaFiles } from '../desired/inline-schema.ts'

/** The part of JSON Schema that schemas/settings.json uses, references resolved. */
export interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly oneOf?: readonly Schema[]
  readonly const?: unknown
  /** It stands for a secret. */
  readonly writeOnly?: boolean
}

// Beside src/ and beside dist/ alike.
const read = (name: string): JsonSchema =>
  JSON.parse(readFileSync(new URL(`../../schemas/${name}`, import.meta.url), 'utf8')) as JsonSchema

export const SCHEMA_FILES: SchemaFiles = new Map(['settings.json', 'common.json'].map((name) => [name, read(name)]))

export const SETTINGS_SCHEMA: Schema = inlined('settings.json', SCHEMA_FILES)
