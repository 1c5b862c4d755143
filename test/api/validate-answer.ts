import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { openApiOf } from '../../src/api/openapi.ts'
import { ROUTES } from '../../src/api/v1.ts'

interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Answer>> }>>>
  >
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

export const DOCUMENT = openApiOf(ROUTES, '1.2.3') as unknown as Document

const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': isTime } })
function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text))
}

const compiled = new Map<object, ValidateFunction>()

function check(schema: object): ValidateFunction {
  const made =
    compiled.get(schema) ?? ajv.compile({ $id: `https://swarmkeeper.test/${compiled.size}`, ...whole(schema) })
  compiled.set(schema, made)
  return made
}

/** References of the document point into itself. */
const whole = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"https://swarmkeeper.test/api#/components'))

ajv.addSchema({ $id: 'https://swarmkeeper.test/api', ...whole({ components: DOCUMENT.components }) })

export interface Exchange {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly status: number
  readonly type: string
  readonly body: string
}

/** What is wrong with an answer by the OpenAPI document: of operations that it has, and of paths that it has not. */
export function faultsOf({ method, path, status, type, body }: Exchange): readonly string[] {
  const [bare = ''] = path.split('?')
  const [pattern, operations] =
    Object.entries(DOCUMENT.paths).find(([one]) => new RegExp(`^${one.replace(/\{\w+\}/g, '[^/]+')}$`).test(bare)) ?? []
  const operation = operations?.[method.toLowerCase()]
  if (!operation)
    return status === 404 || status === 401 ? [] : [`${method} ${bare} is not described, and was answered ${status}`]
  const media = type.split(';')[0] ?? ''
  const answer = operation.responses[status]
  if (!answer) return [`${method} ${pattern}: ${status} is not described`]
  const schema = answer.content?.[media]?.schema
  if (!schema) return [`${method} ${pattern} ${status}: ${media} is not described`]
  if (!media.endsWith('json')) return []
  const validate = check(schema)
  if (validate(JSON.parse(body))) return []
  return (validate.errors ?? []).map(
    (error) => `${method} ${pattern} ${status}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
  )
}
