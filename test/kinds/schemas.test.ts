import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { normalizeCheck } from '../../src/kinds/check/normalize.ts'
import { KINDS } from '../../src/kinds/registry.ts'
import { contextOf } from './context.ts'

interface Schema {
  readonly title: string
  readonly properties: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>
  readonly examples: readonly Readonly<Record<string, unknown>>[]
}

const files = new Map<string, Schema>(
  readdirSync('schemas')
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file, JSON.parse(readFileSync(`schemas/${file}`, 'utf8'))]),
)
// As an editor reads them: references between the files by their $id.
const ajv = new Ajv({ allErrors: true, strict: false, schemas: [...files.values()] as object[] })
const OURS = ['service', 'job', 'secret', 'config', 'network', 'node', 'check'].map((name) => `${name}.json`)
const errorsOf = (file: string, value: unknown) => {
  ajv.validate(file, value)
  return ajv.errors ?? []
}

/** Everything that the examples name. */
const WORLD = {
  files: { 'hello.env': 'A=1', 'nginx.conf': 'x', 'db-password.txt': 'x', 'seccomp.json': '{}' },
  settings: { DB_PASSWORD: 'x' },
  declared: { 'Network/front': 'front', 'Secret/db-password': 's', 'Config/nginx-conf': 'c', 'Config/gmsa': 'g' },
}

describe.each(OURS)('%s', (file) => {
  const schema = files.get(file)
  if (!schema) throw new Error(`no ${file}`)
  const [example = {}] = schema.examples

  it('has an example of a whole document that is valid and has a meaning', () => {
    expect(errorsOf(file, example)).toEqual([])
    const kind = KINDS.get(schema.title)
    if (kind) kind.normalize(example, contextOf(WORLD))
    else normalizeCheck(example, { name: 'x', pointer: '', target: 'prod' })
  })

  /** Fields that exclude each other, or that need another mode. */
  const BASES: Readonly<Record<string, object>> = {
    'service.json/replicas': { replicas: 1 },
    'service.json/completions': { mode: 'replicated-job', replicas: undefined },
    'service.json/maxConcurrent': { mode: 'replicated-job', replicas: undefined },
    'secret.json/file': { from: undefined },
    'secret.json/driver': { from: undefined },
    'secret.json/external': { from: undefined },
    'config.json/from': { file: undefined },
    'config.json/content': { file: undefined },
    'config.json/external': { file: undefined },
    'network.json/external': { driver: undefined, attachable: undefined },
    'check.json/tcp': { http: undefined },
    'check.json/command': { http: undefined },
    'check.json/promql': { http: undefined },
    'check.json/alerts': { http: undefined },
  }

  it.each(Object.keys(schema.properties).filter((key) => key !== 'keeper'))(
    '%s: its example is valid and has a meaning',
    (key) => {
      const [value] = schema.properties[key]?.examples ?? []
      expect(value).toBeDefined()
      const merged = { ...example, ...BASES[`${file}/${key}`], [key]: value }
      const document = Object.fromEntries(Object.entries(merged).filter(([, item]) => item !== undefined))
      expect(errorsOf(file, document)).toEqual([])
      const kind = KINDS.get(schema.title)
      if (kind) kind.normalize(document, contextOf(WORLD))
      else normalizeCheck(document, { name: 'x', pointer: '', target: 'prod' })
    },
  )

  it('refuses a key that it does not know', () => {
    expect(errorsOf(file, { ...example, unheardOf: 1 })).not.toEqual([])
  })
})

describe('job.json', () => {
  it('takes every field of a Service but those of a service that goes on', () => {
    const service = Object.keys(files.get('service.json')?.properties ?? {})
    const job = files.get('job.json')?.properties.service as { readonly properties: object } | undefined
    const not = ['kind', 'name', 'target', 'keeper', 'replicas', 'update', 'rollback']
    expect(Object.keys(job?.properties ?? {}).sort()).toEqual(service.filter((key) => !not.includes(key)).sort())
  })
})
