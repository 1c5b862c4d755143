import type { JsonSchema } from './route.ts'

/** The few words that the schemas of answers are made of. */
export const text: JsonSchema = { type: 'string' }
export const time: JsonSchema = { type: 'string', format: 'date-time' }
export const id: JsonSchema = { type: 'string', description: '`target/Kind/name`' }
export const format: JsonSchema = {
  const: 1,
  description: 'Version of the form: a field may be added, none changes its meaning.',
}

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
export const array = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
export const map = (values: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: values })
export const word = (...words: readonly string[]): JsonSchema => ({ type: 'string', enum: words })

/** Fields that are always there but for those named, and may have others beside them. */
export const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema => ({
  type: 'object',
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
})

/** The same, and no other fields. */
export const closed = (properties: Readonly<Record<string, JsonSchema>>, optional?: readonly string[]): JsonSchema => ({
  ...object(properties, optional),
  additionalProperties: false,
})
