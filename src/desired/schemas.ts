import { Ajv, type ErrorObject } from 'ajv'
import { InternalError } from '../model/error.ts'
import { inlined, type JsonSchema, type SchemaFiles } from './inline-schema.ts'

/** Where documents of a kind stand: `swarmkeeper.yaml`, `targets/`, `apps/<app>/`, `policies/`. */
export type Place = 'fleet' | 'targets' | 'apps' | 'policies'

/** Every kind that people may write. A kind without a schema file is accepted as it is. */
export const KINDS: ReadonlyMap<string, { readonly place: Place; readonly schema?: string }> = new Map([
  ['Fleet', { place: 'fleet', schema: 'fleet.json' }],
  ['Swarm', { place: 'targets', schema: 'swarm.json' }],
  ['Service', { place: 'apps', schema: 'service.json' }],
  ['Job', { place: 'apps', schema: 'job.json' }],
  ['Secret', { place: 'apps', schema: 'secret.json' }],
  ['Config', { place: 'apps', schema: 'config.json' }],
  ['Network', { place: 'apps', schema: 'network.json' }],
  ['Node', { place: 'apps', schema: 'node.json' }],
  ['Check', { place: 'apps', schema: 'check.json' }],
  ['Policy', { place: 'policies' }],
])

export interface Verdict {
  readonly errors: readonly ErrorObject[]
  /** Pointers to numbers, true and false in places for texts: they mean what was written, `1.10` and not 1.1. */
  readonly texts: readonly string[]
}

/** Says what is wrong with a value by one schema file; compiled when it is first used. */
export type Check = (value: unknown) => Verdict

export interface Schemas {
  /** @param file name of a schema: `service.json` */
  check(file: string): Check
}

export function compileSchemas(files: SchemaFiles): Schemas {
  const compiled = new Map<string, Check>()
  return {
    check(file) {
      const known = compiled.get(file) ?? compile(file, files)
      compiled.set(file, known)
      return known
    },
  }
}

interface Collector {
  readonly texts: string[]
}

function compile(file: string, files: SchemaFiles): Check {
  if (!files.has(file)) throw new InternalError(`there is no schema ${file}`)
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    passContext: true,
    ownProperties: true,
  })
  ajv.addVocabulary(['noun'])
  ajv.addKeyword({
    keyword: 'asWritten',
    type: ['number', 'boolean'],
    validate(this: Collector, _on: true, _value: unknown, _parent: unknown, where?: { readonly instancePath: string }) {
      if (where) this.texts.push(where.instancePath)
      return true
    },
  })
  const validate = ajv.compile(markTexts(inlined(file, files)) as JsonSchema)
  return (value) => {
    const collector: Collector = { texts: [] }
    const valid = validate.call(collector, value)
    return { errors: valid ? [] : (validate.errors ?? []), texts: collector.texts }
  }
}

/** Where a schema takes texts, numbers and booleans alike, it means a text: environment, labels, options. */
function markTexts(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(markTexts)
  if (schema === null || typeof schema !== 'object') return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, markTexts(value)]))
  const type: unknown = copy.type
  const texts = Array.isArray(type) && ['string', 'number', 'boolean'].every((name) => type.includes(name))
  return texts ? { ...copy, asWritten: true } : copy
}
