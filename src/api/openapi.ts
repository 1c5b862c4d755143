import { WHOLE_TYPE } from '../report/wire.ts'
import { COMPONENTS } from './components.ts'
import type { JsonSchema, Route } from './route.ts'

type Described = Omit<Route, 'answerTo'>

/** The API as OpenAPI 3.1; every answer of the test suite is validated against it. */
export function openApiOf(routes: readonly Described[], version: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'swarmkeeper',
      version,
      description:
        'Keeps a fleet as a git repository declares it. Every operation needs a bearer token; `x-scope` says which of ' +
        '`read`, `reconcile` (which includes reading), `spend` (reports of spending only) and `admin` (everything).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths: { ...paths, ...OPEN_PATHS, '/api/v1/openapi.json': { get: ITSELF } },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: COMPONENTS,
    },
  }
}

const json = (schema: JsonSchema, type = 'application/json') => ({ content: { [type]: { schema } } })
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
const refused = (description: string) => ({ description, ...json(ref('Error')) })

const REFUSALS = {
  400: refused('What was asked for cannot be understood.'),
  401: refused('No token, or none of ours.'),
  403: refused('The token may not do this.'),
  404: refused('There is no such thing.'),
  409: refused('A guard, or the state of things, is in the way; `todo` says what goes past it.'),
  413: refused('The body is too large.'),
  415: refused('The body is not of the type application/json.'),
  422: refused('The repository declares something that cannot be read.'),
  429: refused('Too many requests; see Retry-After.'),
  500: refused('A fault of swarmkeeper, or of what it talks to.'),
  502: refused('The repository or a target does not answer.'),
  503: refused('Not now: it is stopping, or another one writes.'),
  504: refused('It took too long; what became of it is unknown.'),
}

function operationOf({
  operation,
  summary,
  scope,
  path,
  query = {},
  body,
  answer,
  waits,
  method,
  whole,
}: Described): JsonSchema {
  const params = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: 'One segment: a slash in it is written `%2F`.',
  }))
  const asked = Object.entries(query).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    description,
    schema,
  }))
  return {
    operationId: operation,
    summary,
    'x-scope': scope,
    parameters: [...params, ...asked, ...(method === 'POST' ? [USER] : [])],
    ...(body && {
      requestBody: {
        required: (body.required ?? []).length > 0,
        ...json({ type: 'object', additionalProperties: false, ...body }),
      },
    }),
    responses: {
      200: answerOf(answer, whole),
      ...((waits === 'asked' || waits === 'unless-told') && {
        202: { description: 'Asked for; nobody waits.', ...json(ref('Accepted')) },
      }),
      ...REFUSALS,
    },
  }
}

const USER = {
  name: 'x-swarmkeeper-user',
  in: 'header',
  description: 'Who the holder of the token speaks for, for the history.',
  schema: { type: 'string' },
}

function answerOf(name: string, hasWhole = false): JsonSchema {
  if (name === 'Event') return { description: 'A stream of events.', ...json(ref('Event'), 'text/event-stream') }
  const whole = hasWhole ? json(ref('Whole'), WHOLE_TYPE).content : {}
  return { description: 'So it is.', content: { ...json(ref(name)).content, ...whole } }
}

const open = (operationId: string, summary: string, responses: JsonSchema): JsonSchema => ({
  get: { operationId, summary, security: [], responses },
})

const READY = (description: string) => ({ description, ...json(ref('Readiness')) })

/** For whoever watches the process; nothing of the fleet's is in the first two. */
const OPEN_PATHS = {
  '/healthz': open('getHealth', 'Alive.', {
    200: {
      description: 'It answers.',
      ...json({
        type: 'object',
        additionalProperties: false,
        required: ['status'],
        properties: { status: { const: 'ok' } },
      }),
    },
  }),
  '/readyz': open('getReadiness', 'Whether the first tick is done, and the database and repository are within reach.', {
    200: READY('It does its work.'),
    503: READY('It does not, and why.'),
  }),
  '/metrics': open('getMetrics', 'For Prometheus.', {
    200: { description: 'Text.', content: { 'text/plain': { schema: { type: 'string' } } } },
  }),
}

const ITSELF = {
  operationId: 'getOpenApi',
  summary: 'This document.',
  'x-scope': 'read',
  responses: {
    200: { description: 'OpenAPI 3.1.', ...json({ type: 'object' }) },
    401: REFUSALS[401],
    429: REFUSALS[429],
  },
}
