import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, OpenAPIBackend } from 'openapi-backend'

type Json = Readonly<Record<string, unknown>>

export interface Asked {
  readonly method: string
  /** With a leading slash, without the base of the API, still escaped. */
  readonly path: string
  /** Without its question mark. */
  readonly query: string
  readonly body: unknown
}

/** A request that GitHub's description knows and accepts, its parameters unescaped. */
export interface Matched {
  readonly operation: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Json
}

export interface Refused {
  readonly operation?: string
  /** What the description has against it. */
  readonly violation: string
}

export type Check = (asked: Asked) => Matched | Refused

export const readDescription = (file: string = join(import.meta.dirname, 'openapi.json')): Document =>
  JSON.parse(readFileSync(file, 'utf8'))

/** Compiling takes a second: once for all stubs of a process. */
let ours: Promise<Check> | undefined

export function ourDescription(): Promise<Check> {
  ours ??= createCheck(readDescription())
  return ours
}

/**
 * Says of a request whether it is an operation of the description and valid. Stricter than GitHub in one thing: a
 * property of the body that it does not describe is refused, since GitHub would ignore it silently.
 */
export async function createCheck(document: Document): Promise<Check> {
  const backend = new OpenAPIBackend({
    definition: withoutAnswers(normalised(document)) as Document,
    // Compiling what is never asked for took seconds.
    quick: true,
    ajvOpts: { logger: false },
    customizeAjv: (ajv) => ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
  })
  await backend.init()
  return (asked) => {
    const request = { ...asked, headers: {}, query: queryOf(asked.query) }
    const operation = backend.matchOperation(request)
    if (!operation?.operationId) return { violation: `${asked.method} ${asked.path} is no operation of GitHub` }
    const name = operation.operationId
    const { errors } = backend.validateRequest(request, operation)
    const wrong = [
      ...(errors ?? []).map((one) => `${one.instancePath} ${one.message}`),
      ...undescribed(operation, asked),
    ]
    if (wrong.length > 0) return { operation: name, violation: `${name}: ${wrong.join('; ')}` }
    const { params } = backend.router.parseRequest(request, operation)
    const text = (value: unknown) => decodeURIComponent(String(value))
    return {
      operation: name,
      params: Object.fromEntries(Object.entries(params).map(([key, value]) => [key, text(value)])),
      query: queryOf(asked.query),
      body: (asked.body ?? {}) as Json,
    }
  }
}

const queryOf = (query: string): Readonly<Record<string, string>> => Object.fromEntries(new URLSearchParams(query))

function undescribed(operation: object, { body }: Asked): readonly string[] {
  const schema = at(operation, 'requestBody', 'content', 'application/json', 'schema')
  const described = at(schema, 'properties')
  if (!isObject(body) || !isObject(described)) return []
  return Object.keys(body)
    .filter((key) => !(key in described))
    .map((key) => `/requestBody/${key} is not described`)
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value)
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Answers are not checked against it: GitHub's own examples fail their schemas. */
function withoutAnswers(document: unknown): unknown {
  const operations = Object.entries(at(document, 'paths') as Json).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods as Json).map(([method, one]) => [
        method,
        isObject(one) && method !== 'parameters' ? { ...one, responses: { 200: { description: '' } } } : one,
      ]),
    ),
  ])
  return { ...(document as Json), paths: Object.fromEntries(operations) }
}

/** `nullable` without `type`, which ajv refuses, as what it means. */
function normalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalised)
  if (!isObject(value)) return value
  const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, normalised(one)]))
  if (inner.nullable !== true || inner.type !== undefined) return inner
  const { nullable: _, ...rest } = inner
  return { anyOf: [rest, { type: 'null' }] }
}
