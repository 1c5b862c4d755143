import { Ajv } from 'ajv'
import { afterEach, describe, expect, it } from 'vitest'
import { openApiOf } from '../../src/api/openapi.ts'
import { ROUTES } from '../../src/api/v1.ts'
import { type ApiWorld, apiWorld } from './api-world.ts'
import { faultsOf } from './validate-answer.ts'

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

interface Described {
  readonly operationId: string
  readonly responses: Readonly<Record<string, { readonly description?: string }>>
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } }
}

const document = openApiOf(ROUTES, '1.2.3') as unknown as Document
const operations = Object.values(document.paths).flatMap((path) => Object.values(path))

let world: ApiWorld | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

describe('the OpenAPI document', () => {
  it('has a name of its own for each operation', () => {
    const names = operations.map(({ operationId }) => operationId)
    expect(names).toContain('reconcile')
    expect(new Set(names).size).toBe(names.length)
  })

  it('refers to nothing that it does not hold, and says of each answer what it is', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)]
    expect(new Set(references.map(([, name]) => name))).toEqual(new Set(Object.keys(document.components.schemas)))
    const answers = operations.flatMap(({ responses }) => Object.values(responses))
    expect(answers.filter(({ description }) => description === undefined)).toEqual([])
  })

  it('is what the daemon gives to whoever may read', async () => {
    world = await apiWorld()
    const answer = await world.ask('/api/v1/openapi.json')
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApiOf(ROUTES, '1.2.3'))))
    expect((await world.ask('/api/v1/openapi.json', { as: 'nobody' })).status).toBe(401)
  })

  it('says what may be asked as the server takes it', () => {
    const schema = operations.find(({ operationId }) => operationId === 'reconcile')?.requestBody?.content[
      'application/json'
    ].schema
    const takes = new Ajv().compile(schema ?? false)
    expect(
      [{ app: 'hello', wait: true }, {}, { from: '/etc' }, { confirm: 'prune' }].map((body) => takes(body)),
    ).toEqual([true, true, false, false])
  })

  it('refuses a field that it does not list (SEC-17)', () => {
    const exchange = (body: unknown) =>
      faultsOf({ method: 'GET', path: '/healthz', status: 200, type: 'application/json', body: JSON.stringify(body) })
    expect(exchange({ status: 'ok' })).toEqual([])
    expect(exchange({ status: 'ok', version: '1' })).toEqual([
      expect.stringContaining('must NOT have additional properties'),
    ])
    expect(faultsOf({ method: 'GET', path: '/setup', status: 200, type: 'text/html', body: '' })).toEqual([
      'GET /setup is not described, and was answered 200',
    ])
  })

  it('holds schemas that are schemas', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false })
    for (const schema of Object.values(document.components.schemas)) expect(ajv.validateSchema(schema)).toBe(true)
  })
})
