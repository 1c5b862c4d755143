import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JumpClock } from './jump-clock.ts'

/** A Prometheus as it would answer if it lived by the clock of a test: times of queries and of samples are translated. */
export interface PrometheusRelay {
  readonly url: string
  dispose(): Promise<void>
}

export async function startPrometheusRelay(to: string, clock: JumpClock): Promise<PrometheusRelay> {
  const server = createServer((request, response) => {
    relay(request, response, { to, clock }).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dispose: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Way {
  readonly to: string
  readonly clock: JumpClock
}

async function relay(request: IncomingMessage, response: ServerResponse, { to, clock }: Way): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const asked = request.url === '/api/v1/query' ? inReal(new URLSearchParams(body), clock).toString() : body
  const headers = { 'content-type': request.headers['content-type'] ?? 'text/plain' }
  const sent = request.method === 'POST' ? { method: 'POST', headers, body: asked } : {}
  const answer = await fetch(`${to}${request.url}`, sent)
  const text = await answer.text()
  const type = answer.headers.get('content-type') ?? 'text/plain'
  response.writeHead(answer.status, { 'content-type': type })
  response.end(request.url === '/api/v1/query' ? byClock(text, clock) : text)
}

/** `selector[120000ms]` as of a moment: both ends of the range are moments of the clock. */
function inReal(form: URLSearchParams, clock: JumpClock): URLSearchParams {
  const time = form.get('time')
  if (time === null) return form
  const end = Number(time) * 1_000
  form.set('time', String(clock.toReal(end) / 1_000))
  const query = (form.get('query') ?? '').replace(/\[(\d+)ms\]/g, (_whole, range: string) => {
    const length = clock.toReal(end) - clock.toReal(end - Number(range))
    return `[${Math.max(1, Math.round(length))}ms]`
  })
  form.set('query', query)
  return form
}

type Point = [number, string]

function byClock(text: string, clock: JumpClock): string {
  const answer = JSON.parse(text) as { data?: { result?: { value?: Point; values?: Point[] }[] } }
  const moved = (point: Point): Point => [clock.fromReal(point[0] * 1_000) / 1_000, point[1]]
  for (const series of answer.data?.result ?? []) {
    if (series.value) series.value = moved(series.value)
    if (series.values) series.values = series.values.map(moved)
  }
  return JSON.stringify(answer)
}
