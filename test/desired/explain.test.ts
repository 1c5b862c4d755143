import { describe, expect, it } from 'vitest'
import { explain } from '../../src/desired/explain.ts'
import type { JsonSchema } from '../../src/desired/inline-schema.ts'
import { compileSchemas } from '../../src/desired/schemas.ts'

/** What is said about a value of a document with the key `it`. */
function complaints(schema: JsonSchema, value: unknown): readonly string[] {
  const root = { type: 'object', properties: { it: schema }, definitions: DEFINITIONS }
  const check = compileSchemas(new Map([['test.json', root]])).check('test.json')
  return explain(check({ it: value }).errors).map(({ pointer, at, message }) => `${pointer} ${at}: ${message}`)
}

const DEFINITIONS = {
  endpoint: { title: 'Endpoint', type: 'string', pattern: '^unix://', examples: ['unix:///a'] },
}

const keys = {
  type: 'object',
  additionalProperties: false,
  properties: { http: { type: 'string' }, tcp: { type: 'string' }, name: { type: 'string' } },
  oneOf: [{ required: ['http'] }, { required: ['tcp'] }],
}

const branch = (type: string, more: string) => ({
  type: 'object',
  additionalProperties: false,
  required: ['type', more],
  properties: {
    type: { const: type },
    [more]: { type: 'string' },
    addresses: { type: 'array', items: { type: 'string' } },
  },
})
const tagged = { oneOf: [branch('ssh', 'key'), branch('registry', 'password')] }

describe('unions', () => {
  it('of keys name the keys', () => {
    expect(complaints(keys, {})).toEqual(["/it value: exactly one of the keys 'http' or 'tcp' must be given"])
    expect(complaints(keys, { http: 'a', tcp: 'b' })).toEqual([
      "/it value: exactly one of the keys 'http' or 'tcp' must be given, not 'http' and 'tcp'",
    ])
    expect(complaints(keys, { http: 'a' })).toEqual([])
  })

  it('of keys are not spoken of where the value is no map', () => {
    expect(complaints(keys, 'a')).toEqual(["/it value: expected a map, got 'a'"])
    expect(complaints(keys, [])).toEqual(['/it value: expected a map, got a list'])
  })

  it('with a tag speak of the branch with that tag', () => {
    expect(complaints(tagged, { type: 'registry', key: 'x' })).toEqual([
      "/it value: the key 'password' is missing",
      "/it/key key: unknown key 'key'; known here: type, password, addresses",
    ])
    expect(complaints(tagged, { type: 'sssh' })).toEqual([
      "/it/type value: 'sssh' is not one of ssh, registry; did you mean 'ssh'?",
    ])
    expect(complaints(tagged, { key: 'x' })).toEqual(["/it value: the key 'type' is missing"])
    expect(complaints(tagged, { type: 'ssh', key: 'x', addresses: [1] })).toEqual([
      '/it/addresses/0 value: expected a text, got 1; in quotes it is a text: "1"',
    ])
  })

  it('of texts and maps speak of the one that the value looks like', () => {
    const schema = {
      anyOf: [
        { $ref: '#/definitions/endpoint' },
        { type: 'object', additionalProperties: false, properties: { address: { $ref: '#/definitions/endpoint' } } },
      ],
      examples: ['unix:///b'],
    }
    expect(complaints(schema, 'http://a')).toEqual(["/it value: 'http://a' is not an endpoint; for example unix:///a"])
    expect(complaints(schema, { adress: 'x' })).toEqual([
      "/it/adress key: unknown key 'adress'; did you mean 'address'?",
    ])
    expect(complaints(schema, 5)).toEqual(['/it value: expected an endpoint or a map, got 5; for example unix:///b'])
  })

  it('inside unions are explained the same way', () => {
    const schema = { anyOf: [{ type: 'string' }, { type: 'array', items: tagged }] }
    expect(complaints(schema, ['x'])).toEqual(["/it/0 value: expected a map, got 'x'"])
    expect(
      complaints(schema, [
        { type: 'ssh', key: 'a' },
        { type: 'ssh', kye: 'a' },
      ]),
    ).toEqual(["/it/1/kye key: unknown key 'kye'; did you mean 'key'?"])
  })

  it('of words find the nearest', () => {
    const schema = { anyOf: [{ type: 'integer' }, { const: 'unmanaged' }] }
    expect(complaints(schema, 'unmanged')).toEqual([
      "/it value: expected a whole number or 'unmanaged', got 'unmanged'; did you mean 'unmanaged'?",
    ])
  })
})

describe('complaints', () => {
  it.each<readonly [JsonSchema, unknown, string]>([
    [{ type: 'string' }, 3, '/it value: expected a text, got 3; in quotes it is a text: "3"'],
    [{ type: 'string', examples: ['a'] }, null, '/it value: expected a text, got nothing; for example a'],
    [{ type: 'integer' }, 1.5, '/it value: expected a whole number, got 1.5'],
    [
      { type: ['boolean', 'string'], enum: [true, false, 'maybe'] },
      'mybe',
      "/it value: 'mybe' is not one of true, false, maybe; did you mean 'maybe'?",
    ],
    [{ type: 'string', enum: ['a', 'b'] }, 5, '/it value: 5 is not one of a, b'],
    [{ const: 1 }, 2, '/it value: must be 1, got 2'],
    [{ type: 'integer', minimum: 1 }, 0, '/it value: must be at least 1, got 0'],
    [{ type: 'integer', maximum: 1 }, 2, '/it value: must be at most 1, got 2'],
    [{ type: 'string', minLength: 1 }, '', '/it value: must not be empty'],
    [{ type: 'string', maxLength: 2 }, 'abc', '/it value: is longer than 2 characters'],
    [{ type: 'array', minItems: 1 }, [], '/it value: must not be empty'],
    [{ type: 'array', uniqueItems: true }, ['a', 'b', 'a'], '/it value: items 1 and 3 are the same'],
    [
      { type: 'string', title: 'Name', pattern: '^a', examples: ['ab'] },
      'b\nc',
      "/it value: 'b\\nc' is not a valid name; for example ab",
    ],
    [{ type: 'object', propertyNames: { pattern: '^a' } }, { b: 1 }, "/it/b key: the key 'b' is not allowed here"],
    [{ type: 'object', minProperties: 1 }, {}, '/it value: must not be empty'],
  ])('%j of %j', (schema, value, expected) => {
    expect(complaints(schema, value)).toEqual([expected])
  })

  it('do not repeat what was written in the place of a secret', () => {
    const secret = { type: 'object', writeOnly: true, examples: [{ env: 'A' }] }
    expect(complaints(secret, 'hunter2')).toEqual([
      '/it value: expected a map, got something else; for example {"env":"A"}',
    ])
    expect(complaints({ ...secret, type: undefined, oneOf: [{ type: 'object' }] }, 'hunter2').join()).not.toContain(
      'hunter2',
    )
  })

  it('cut long texts, and put them on one line', () => {
    const [line] = complaints({ type: 'integer' }, `${'x'.repeat(1000)}\n`)
    expect(line).toBe(`/it value: expected a whole number, got '${'x'.repeat(60)}…'`)
  })
})
