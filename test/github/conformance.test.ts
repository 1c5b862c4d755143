import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGitHub } from '../../src/github/create-github.ts'
import { createGitHubSink } from '../../src/github/create-sink.ts'
import type { GitHubBody } from '../../src/model/message.ts'
import { describeSink, type SinkFault, type SinkWorld } from '../conformance/sink.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import type { Fault } from '../support/github-stub/faults.ts'
import { startGitHub } from '../support/github-stub/start-github.ts'
import { PAT } from '../support/github-stub/stub-login.ts'
import { SHA } from './github-world.ts'

const faultOf = (kind: SinkFault, astray: string): Fault => {
  if (kind === 'down') return { kind: 'status', status: 500 }
  if (kind === 'limit') return { kind: 'secondary', seconds: 7 }
  if (kind === 'hang') return { kind: 'hang' }
  if (kind === 'cut') return { kind: 'reset' }
  if (kind === 'lose') return { kind: 'lost-answer' }
  if (kind === 'invalid') return { kind: 'status', status: 422, message: 'Validation Failed' }
  if (kind === 'login') return { kind: 'status', status: 401, message: 'Bad credentials' }
  if (kind === 'redirect') return { kind: 'redirect', to: astray }
  if (kind === 'nonsense') return { kind: 'page' }
  return { kind: 'status', status: 500, message: `authorization: token ${PAT}` }
}

async function sinkWorld(
  body: (n: number) => GitHubBody,
  shown: (stub: Stub) => readonly string[],
): Promise<SinkWorld> {
  const clock = createFakeClock({ auto: true })
  const stub = await startGitHub({ clock })
  stub.world.openPull({ head: SHA('a') })
  let astray = 0
  const elsewhere = createServer((_, response) => {
    astray += 1
    response.end('{}')
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
  // A fetch whose time is over when the test says so; that it ends by itself is told in faults.test.ts.
  let timeIsOver = new AbortController()
  const hurried: typeof fetch = (input, init = {}) => {
    const signals = [timeIsOver.signal, ...(init.signal ? [init.signal] : [])]
    return fetch(input, { ...init, signal: AbortSignal.any(signals) })
  }
  const github = createGitHub(stub.settings(), { clock, fetch: hurried })
  return {
    sink: createGitHubSink({ github, install: 'main' }),
    body,
    shown: () => shown(stub).length,
    shows: (n) => shown(stub).some((one) => one.endsWith(`message ${n}`)),
    asked: () => stub.requests.length,
    astray: () => astray,
    fault: (kind) => {
      stub.faults.clear()
      if (kind !== undefined) stub.faults.plan({ fault: faultOf(kind, url), times: Number.POSITIVE_INFINITY })
    },
    passTime: async () => {
      timeIsOver.abort(new DOMException('too long', 'TimeoutError'))
      timeIsOver = new AbortController()
    },
    secrets: [PAT],
    violations: () => stub.violations,
    dispose: async () => {
      elsewhere.close()
      await stub.close()
    },
  }
}

type Stub = Awaited<ReturnType<typeof startGitHub>>

describeSink(
  'GitHub, a status',
  () =>
    sinkWorld(
      (n) => ({
        ...{ type: 'status', sha: SHA('a'), context: `swarmkeeper/main/apply/${n}` },
        ...{ state: 'success', description: `message ${n}` },
      }),
      (stub) => stub.world.statuses.map((one) => one.description),
    ),
  { edits: false, nonsense: 'later', login: 'later' },
)

describeSink(
  'GitHub, an answer',
  () =>
    sinkWorld(
      (n) => ({ type: 'answer', pull: 1, markdown: `message ${n}` }),
      (stub) => stub.world.comments.map((one) => one.body),
    ),
  { edits: false, nonsense: 'later', login: 'later' },
)
