import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The cost APIs of Anthropic and OpenAI and the summary of a Zerg backend, as they are published: their logins, what they ask
 * for and refuse, their pages, days without costs, cents as text and dollars as numbers.
 */
export interface CostStub {
  readonly url: string
  /** Of a UTC date; amounts in cents, as text. */
  anthropic(day: string, results: readonly { readonly cents: string; readonly workspace: string | null }[]): void
  /** In dollars: text stands in the answer as it is, as a number. */
  openai(day: string, results: readonly { readonly dollars: string; readonly project: string | null }[]): void
  zerg(summary: object): void
  /** Anthropic's and OpenAI's pages begin anew after so many buckets, whatever `limit` asks. */
  pageSize: number
  /** The last UTC date that has a bucket. */
  today: string
  /** Answers the next requests by this instead. */
  fail?: { readonly status: number; readonly body: string } | undefined
  /** What was asked: `GET /path?query`. */
  readonly asked: string[]
  close(): Promise<void>
}

export const ANTHROPIC_KEY = 'sk-ant-admin01-of-the-tests'
export const OPENAI_KEY = 'sk-admin-of-the-tests'
export const JWT_SECRET = 'secret-of-the-tests'

interface Answer {
  readonly status: number
  readonly body: string
}

const DAY_MS = 86_400_000
const refused = (status: number, message: string): Answer => ({ status, body: JSON.stringify({ error: { message } }) })
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const instant = (day: string): number => Date.parse(`${day}T00:00:00Z`)

type Bucket = (day: string) => object
type Days<T> = Map<string, readonly T[]>

export async function startCostStub(today: string): Promise<CostStub> {
  const anthropic: Days<{ readonly cents: string; readonly workspace: string | null }> = new Map()
  const openai: Days<{ readonly dollars: string; readonly project: string | null }> = new Map()
  let summary: object = {}
  const server = createServer((request, response) => {
    stub.asked.push(`${request.method} ${request.url}`)
    const { status, body } = stub.fail ?? answer(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  const answer = (request: IncomingMessage): Answer => {
    const url = new URL(request.url ?? '/', 'http://stub')
    if (request.method !== 'GET') return refused(405, 'method')
    if (url.pathname === '/v1/organizations/cost_report') return costReport(request, url)
    if (url.pathname === '/v1/organization/costs') return costs(request, url)
    if (url.pathname === '/api/ops/summary') return ops(request)
    return refused(404, 'no such route')
  }

  const costReport = ({ headers }: IncomingMessage, { searchParams: asked }: URL): Answer => {
    if (headers['x-api-key'] !== ANTHROPIC_KEY) return refused(401, 'invalid x-api-key')
    if (headers['anthropic-version'] !== '2023-06-01') return refused(400, 'anthropic-version: header is required')
    const strange = unknownOf(asked, ['starting_at', 'ending_at', 'bucket_width', 'group_by[]', 'limit', 'page'])
    if (strange) return refused(400, `${strange}: unknown parameter`)
    const [from, to] = [asked.get('starting_at'), asked.get('ending_at')]
    if (!from || !isRfc3339(from) || (to !== null && !isRfc3339(to))) return refused(400, 'starting_at: invalid')
    if ((asked.get('bucket_width') ?? '1d') !== '1d') return refused(400, 'bucket_width: must be 1d')
    const grouped = asked.getAll('group_by[]').includes('workspace_id')
    const bucket: Bucket = (day) => ({
      starting_at: `${day}T00:00:00Z`,
      ending_at: `${dayAt(instant(day) + DAY_MS)}T00:00:00Z`,
      results: (anthropic.get(day) ?? []).map(({ cents, workspace }) => ({
        ...{ currency: 'USD', amount: cents, workspace_id: grouped ? workspace : null, description: null },
        ...{ cost_type: null, context_window: null, model: null, service_tier: null, token_type: null },
      })),
    })
    const range = { from: Date.parse(from), to: to === null ? Number.POSITIVE_INFINITY : Date.parse(to), most: 31 }
    return paged(asked, range, bucket)
  }

  const costs = ({ headers }: IncomingMessage, { searchParams: asked }: URL): Answer => {
    if (headers.authorization !== `Bearer ${OPENAI_KEY}`) return refused(401, 'Incorrect API key provided')
    const strange = unknownOf(asked, [
      'start_time',
      'end_time',
      'bucket_width',
      'project_ids',
      'group_by',
      'limit',
      'page',
    ])
    if (strange) return refused(400, `Unknown parameter: '${strange}'`)
    const [from, to] = [asked.get('start_time') ?? '', asked.get('end_time')]
    if (!/^\d+$/.test(from) || (to !== null && !/^\d+$/.test(to))) return refused(400, "Missing required: 'start_time'")
    if ((asked.get('bucket_width') ?? '1d') !== '1d') return refused(400, 'bucket_width')
    const grouped = asked.getAll('group_by').includes('project_id')
    const bucket: Bucket = (day) => ({
      object: 'bucket',
      start_time: instant(day) / 1_000,
      end_time: (instant(day) + DAY_MS) / 1_000,
      results: (openai.get(day) ?? []).map(({ dollars, project }) => ({
        object: 'organization.costs.result',
        amount: { value: `raw:${dollars}`, currency: 'usd' },
        line_item: null,
        project_id: grouped ? project : null,
      })),
    })
    const range = {
      from: Number(from) * 1_000,
      to: to === null ? Number.POSITIVE_INFINITY : Number(to) * 1_000,
      most: 180,
    }
    const { status, body } = paged(asked, range, bucket)
    return { status, body: body.replace(/"raw:([^"]*)"/g, '$1') }
  }

  const paged = (
    asked: URLSearchParams,
    { from, to, most }: { from: number; to: number; most: number },
    bucket: Bucket,
  ): Answer => {
    const limit = Number(asked.get('limit') ?? '7')
    if (!Number.isInteger(limit) || limit < 1 || limit > most) return refused(400, `limit: must be 1 to ${most}`)
    const days: string[] = []
    for (let at = instant(dayAt(from)); at < Math.min(to, instant(stub.today) + DAY_MS); at += DAY_MS)
      days.push(dayAt(at))
    const page = asked.get('page')
    const begin = page === null ? 0 : Number(/^page_(\d+)$/.exec(page)?.[1] ?? Number.NaN)
    if (Number.isNaN(begin)) return refused(400, 'page: invalid')
    const end = begin + Math.min(limit, stub.pageSize)
    const more = end < days.length
    const data = days.slice(begin, end).map(bucket)
    return { status: 200, body: JSON.stringify({ data, has_more: more, next_page: more ? `page_${end}` : null }) }
  }

  const ops = ({ headers }: IncomingMessage): Answer => {
    const claims = claimsOf(headers.authorization ?? '')
    if (!claims || typeof claims.exp !== 'number') return refused(401, 'Invalid or expired token')
    return { status: 200, body: JSON.stringify(summary) }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stub: CostStub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    anthropic: (day, results) => void anthropic.set(day, results),
    openai: (day, results) => void openai.set(day, results),
    zerg: (next) => {
      summary = next
    },
    pageSize: Number.POSITIVE_INFINITY,
    today,
    asked: [],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return stub
}

const unknownOf = (asked: URLSearchParams, known: readonly string[]): string | undefined =>
  [...asked.keys()].find((name) => !known.includes(name))

const isRfc3339 = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))

/** HS256 by our secret, as the backend checks it. */
function claimsOf(authorization: string): Readonly<Record<string, unknown>> | undefined {
  const [head = '', body = '', signature = ''] = authorization.replace(/^Bearer /, '').split('.')
  const made = createHmac('sha256', JWT_SECRET).update(`${head}.${body}`).digest('base64url')
  if (made !== signature) return undefined
  const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { readonly alg?: string }
  return alg === 'HS256' ? JSON.parse(Buffer.from(body, 'base64url').toString()) : undefined
}
