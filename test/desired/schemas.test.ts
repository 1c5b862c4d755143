import { describe, expect, it } from 'vitest'
import { inlined, type JsonSchema } from '../../src/desired/inline-schema.ts'
import { KINDS } from '../../src/desired/schemas.ts'
import { loadSchemas } from '../../src/lib/load-schemas.ts'
import { schemas } from './read.ts'

const files = loadSchemas()
const kindSchemas = [...KINDS].flatMap(([kind, { schema }]) => (schema === undefined ? [] : [[kind, schema] as const]))

describe('schemas', () => {
  it.each([...kindSchemas, ['settings', 'settings.json'] as const])('%s: every example is valid', (_kind, file) => {
    const schema = files.get(file)
    const examples = schema?.examples as readonly unknown[]
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(schemas.check(file)(example).errors).toEqual([])
  })

  it.each([...files.keys()])('%s: every property has a title, a description and an example', (file) => {
    const bare = [...properties(inlined(file, files), '')].filter(
      ([, schema]) => !schema.title || !schema.description || !Array.isArray(schema.examples),
    )
    expect(bare.map(([pointer]) => pointer)).toEqual([])
  })

  it.each(kindSchemas)('%s: knows no keys but its own', (_kind, file) => {
    expect([...objects(files.get(file), '')].filter(([, schema]) => schema.additionalProperties === undefined)).toEqual(
      [],
    )
  })
})

type Found = Generator<readonly [string, JsonSchema]>

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null

function* properties(schema: unknown, pointer: string): Found {
  if (!isSchema(schema)) return
  for (const [key, value] of Object.entries(schema)) {
    if (['examples', 'enum', 'const', 'default'].includes(key)) continue
    if (key === 'properties' && isSchema(value)) {
      for (const [name, property] of Object.entries(value)) yield [`${pointer}/${name}`, property as JsonSchema]
    }
    yield* properties(value, `${pointer}/${key}`)
  }
}

/** Every schema of a map with known keys. */
function* objects(schema: unknown, pointer: string): Found {
  if (!isSchema(schema)) return
  if (schema.type === 'object' && isSchema(schema.properties)) yield [pointer, schema]
  for (const [key, value] of Object.entries(schema)) if (key !== 'examples') yield* objects(value, `${pointer}/${key}`)
}
