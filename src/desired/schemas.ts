import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { withPointer } from '../lib/json-pointer.ts'
import { InternalError } from '../model/error.ts'
import type { Complaint } from './complaint.ts'
import { explain } from './explain.ts'
import { FORMATS } from './formats.ts'
import { inlined, type JsonSchema, type SchemaFiles } from './inline-schema.ts'
import { LIMITS } from './limits.ts'
import { findTree, type Tree, toPlain } from './tree.ts'

/** Where documents of a kind stand: `swarmkeeper.yaml`, `targets/`, `apps/<app>/`, `policies/`. */
export type Place = 'fleet' | 'targets' | 'apps' | 'policies'

/** Every kind that people may write. A kind without a schema file is accepted as it is. */
export const KINDS: ReadonlyMap<string, { readonly place: Place; readonly schema?: string }> = new Map([
  ['Fleet', { place: 'fleet', schema: 'fleet.json' }],
  ['Swarm', { place: 'targets', schema: 'swarm.json' }],
  ['Host', { place: 'targets', schema: 'host.json' }],
  ['Prometheus', { place: 'targets', schema: 'prometheus.json' }],
  ['AgentSupervisor', { place: 'targets', schema: 'agent-supervisor.json' }],
  ['Service', { place: 'apps', schema: 'service.json' }],
  ['Stack', { place: 'apps', schema: 'stack.json' }],
  ['Job', { place: 'apps', schema: 'job.json' }],
  ['Secret', { place: 'apps', schema: 'secret.json' }],
  ['Config', { place: 'apps', schema: 'config.json' }],
  ['Network', { place: 'apps', schema: 'network.json' }],
  ['Node', { place: 'apps', schema: 'node.json' }],
  ['Unit', { place: 'apps', schema: 'unit.json' }],
  ['Program', { place: 'apps', schema: 'program.json' }],
  ['File', { place: 'apps', schema: 'file.json' }],
  ['Directory', { place: 'apps', schema: 'directory.json' }],
  ['Artifact', { place: 'apps', schema: 'artifact.json' }],
  ['User', { place: 'apps', schema: 'user.json' }],
  ['Group', { place: 'apps', schema: 'group.json' }],
  ['Agent', { place: 'apps', schema: 'agent.json' }],
  ['Budget', { place: 'apps', schema: 'budget.json' }],
  ['AlertRules', { place: 'apps', schema: 'alert-rules.json' }],
  ['Check', { place: 'apps', schema: 'check.json' }],
  ['Policy', { place: 'policies' }],
])

interface Validated {
  readonly errors: readonly ErrorObject[]
  /** Pointers to numbers, true and false in places for texts: they mean what was written, `1.10` and not 1.1. */
  readonly texts: readonly string[]
}

/** What a schema has against a value. */
type Check = (value: unknown) => Validated

/** A plain value, or all complaints about it in words. */
type Verdict = { readonly value: unknown } | { readonly complaints: readonly Complaint[] }

/** Judges a tree. The same tree gets the same verdict, which is remembered: most files never change. */
export type Judge = (tree: Tree) => Verdict

/** By file name of a schema: `service.json`; compiled when it is first used. */
export interface Schemas {
  check(file: string): Check
  judge(file: string): Judge
}

export function compileSchemas(files: SchemaFiles): Schemas {
  const checks = new Map<string, Check>()
  const quick = quickChecks(files)
  const judges = new Map<string, Judge>()
  const check = (file: string): Check => remembered(checks, file, () => compile(file, files, quick))
  return { check, judge: (file) => remembered(judges, file, () => judgeBy(check(file))) }
}

function remembered<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make()
  known.set(name, found)
  return found
}

function judgeBy(check: Check): Judge {
  const verdicts = new WeakMap<Tree, Verdict>()
  return (tree) => {
    const verdict = verdicts.get(tree) ?? verdictOf(tree, check)
    verdicts.set(tree, verdict)
    return verdict
  }
}

function verdictOf(tree: Tree, check: Check): Verdict {
  const value = toPlain(tree)
  const { errors, texts } = check(value)
  if (errors.length > 0) return { complaints: explain(errors).slice(0, LIMITS.problems) }
  return { value: texts.reduce((copy, pointer) => asWritten(copy, pointer, tree), value) }
}

function asWritten(value: unknown, pointer: string, tree: Tree): unknown {
  const found = findTree(tree, pointer)
  return found?.type === 'scalar' ? withPointer(value, pointer, found.text) : value
}

interface Collector {
  readonly texts: string[]
}

/**
 * Most documents are right. That takes a fifth of the time to find out: schemas that many kinds share are compiled once, and
 * nothing is kept for messages. What is wrong is judged again, by the schema that knows why.
 */
function compile(file: string, files: SchemaFiles, quick: QuickCheck): Check {
  if (!files.has(file)) throw new InternalError(`there is no schema ${file}`)
  let thorough: ValidateFunction | undefined
  return (value) => {
    const texts = quick(file, value)
    if (texts) return { errors: [], texts }
    thorough ??= createAjv({ allErrors: true, verbose: true, strict: true, strictRequired: false }).compile(
      markTexts(inlined(file, files)) as JsonSchema,
    )
    const collector: Collector = { texts: [] }
    const valid = thorough.call(collector, value)
    return { errors: valid ? [] : (thorough.errors ?? []), texts: collector.texts }
  }
}

/** The texts of a value that the schema accepts; undefined where it does not. */
type QuickCheck = (file: string, value: unknown) => Collector['texts'] | undefined

function quickChecks(files: SchemaFiles): QuickCheck {
  const once = new Map<'ajv', Ajv>()
  return (file, value) => {
    const ajv = remembered(once, 'ajv', () => {
      const made = createAjv({
        strict: false,
        inlineRefs: false,
        validateSchema: false,
        meta: false,
        code: { optimize: false },
      })
      for (const [name, schema] of files)
        made.addSchema(markTexts({ ...schema, $schema: undefined }) as JsonSchema, name)
      return made
    })
    const collector: Collector = { texts: [] }
    return ajv.getSchema(file)?.call(collector, value) ? collector.texts : undefined
  }
}

function createAjv(options: Options): Ajv {
  const ajv = new Ajv({ ...options, allowUnionTypes: true, passContext: true, ownProperties: true })
  ajv.addVocabulary(['noun'])
  for (const [name, parse] of FORMATS) ajv.addFormat(name, { type: 'string', validate: (text) => accepts(parse, text) })
  ajv.addKeyword({
    keyword: 'asWritten',
    type: ['number', 'boolean'],
    validate(this: Collector, _on: true, _value: unknown, _parent: unknown, where?: { readonly instancePath: string }) {
      if (where) this.texts.push(where.instancePath)
      return true
    },
  })
  return ajv
}

function accepts(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false // the same parser says why, in the complaint
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
