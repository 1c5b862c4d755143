import { explain } from '../desired/explain.ts'
import { compileSchemas } from '../desired/schemas.ts'
import { pointerTo } from '../desired/tree.ts'
import { SCHEMA_FILES } from './schema.ts'

export interface Fault {
  /** JSON pointer. */
  readonly pointer: string
  readonly message: string
  /** The fault is the key, not its value. */
  readonly at?: 'key' | 'value'
}

type SchemaError = Parameters<typeof explain>[0][number]

const schemas = compileSchemas(SCHEMA_FILES)

/** All that is wrong with settings as they were written. */
export function validate(written: unknown): readonly Fault[] {
  const empty = blanks(written, '')
  const { errors } = schemas.check('settings.json')(written)
  const faults = explain(errors.filter((error) => !isVacuous(error)))
  const known = new Set(empty.map(({ pointer }) => pointer))
  return [...empty, ...faults.filter(({ pointer }) => !known.has(pointer))]
}

/** "Exactly one of these keys" holds for every branch where there are no keys: the wrong type is told by itself. */
function isVacuous({ params, data }: SchemaError): boolean {
  return Array.isArray(params.passingSchemas) && (typeof data !== 'object' || data === null)
}

/** Blank is never taken for "the default" (SEC-26). */
function blanks(value: unknown, pointer: string): readonly Fault[] {
  if (typeof value === 'string') return value.trim() === '' ? [{ pointer, message: 'must not be empty' }] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => blanks(item, pointerTo(pointer, key)))
}
