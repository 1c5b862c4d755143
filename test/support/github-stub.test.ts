import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGitHub } from '../../src/github/create-github.ts'
import { createGitHubSink } from '../../src/github/create-sink.ts'
import type { GitHubBody } from '../../src/model/message.ts'
import { createFakeClock } from './fake-clock.ts'
import { type Asked, type Check, createCheck, ourDescription, readDescription } from './github-stub/description.ts'
import { githubForTest } from './github-stub/github-for-test.ts'
import { OPERATIONS } from './github-stub/operations.ts'
import { startGitHub } from './github-stub/start-github.ts'
import { PAT } from './github-stub/stub-login.ts'

const SHA = 'a'.repeat(40)
const signal = new AbortController().signal
const CORPUS = process.env.SWARMKEEPER_CORPUS ?? join(import.meta.dirname, '../../../shared')
const SUBSET = join(CORPUS, 'data/github/github-openapi-subset.json')

const get = (path: string, query = ''): Asked => ({ method: 'GET', path, query, body: undefined })
const post = (path: string, body: unknown): Asked => ({ method: 'POST', path, query: '', body })

describe('the description of GitHub', () => {
  it.each([
    ['an unknown path', get('/repos/a/b/pullz'), /is no operation of GitHub/],
    ['an unknown method', { ...get('/repos/a/b/pulls'), method: 'DELETE' }, /is no operation of GitHub/],
    ['an unknown query parameter', get('/repos/a/b/pulls', 'stat=open'), /additional properties/],
    ['a value that is none of those', get('/repos/a/b/pulls', 'state=opened'), /allowed values/],
    ['a time that is none', get('/repos/a/b/issues/comments', 'since=yesterday'), /date-time/],
    ['a number that is none', get('/repos/a/b/pulls/x'), /must be integer/],
    ['a body without what it needs', post(`/repos/a/b/statuses/${SHA}`, { context: 'x' }), /required property 'state'/],
    ['a property that it does not know', post(`/repos/a/b/statuses/${SHA}`, { state: 'error', conext: 'x' }), /conext/],
    ['no body', post(`/repos/a/b/issues/1/comments`, undefined), /requestBody/],
  ])('refuses %s', async (_, asked, why) => {
    const check = await ourDescription()
    expect(check(asked)).toEqual(expect.objectContaining({ violation: expect.stringMatching(why) }))
  })

  it('gives the parameters of what it accepts, unescaped', async () => {
    const check = await ourDescription()
    expect(check(get('/repos/a/b/collaborators/some%5Bbot%5D/permission'))).toEqual({
      operation: 'repos/get-collaborator-permission-level',
      params: { owner: 'a', repo: 'b', username: 'some[bot]' },
      query: {},
      body: {},
    })
  })

  it('can be compiled for every operation of it', async () => {
    const document = readDescription()
    const check = await createCheck(document)
    const all = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods ?? {}).map((method) => ({
        method: method.toUpperCase(),
        path: path.replace(/\{\w+\}/g, '1'),
      })),
    )
    expect(all).toHaveLength(33)
    const found = all.map((one) => check({ ...one, query: '', body: undefined }).operation)
    expect(found).not.toContain(undefined)
  })
})

describe('the stub', () => {
  it('remembers what GitHub would refuse, and cannot be closed as if nothing had been', async () => {
    const stub = await startGitHub()
    await fetch(`${stub.apiUrl}/repos/acme/fleet/pulls?stat=open`, { headers: { authorization: `token ${PAT}` } })
    expect(stub.violations).toEqual([expect.stringContaining('pulls/list')])
    await expect(stub.close()).rejects.toThrow(/GitHub's description refuses:\npulls\/list/)
  })

  it('wants a login, and knows one repository', async () => {
    const stub = await githubForTest()
    const asked = (path: string, token: string) =>
      fetch(`${stub.apiUrl}${path}`, { headers: { authorization: `token ${token}` } }).then((answer) => answer.status)
    expect(await asked('/repos/acme/fleet/pulls', 'wrong')).toBe(401)
    expect(await asked('/repos/acme/other/pulls', PAT)).toBe(404)
    expect(await asked('/repos/acme/fleet/pulls', PAT)).toBe(200)
  })

  it.each([
    ['a description of 141', `statuses/${SHA}`, { state: 'error', description: 'x'.repeat(141) }],
    ['a context of 256', `statuses/${SHA}`, { state: 'error', context: 'x'.repeat(256) }],
    ['a comment of 65,537', 'issues/1/comments', { body: 'x'.repeat(65_537) }],
  ])('refuses %s characters, which the description does not know', async (_, path, body) => {
    const stub = await githubForTest()
    stub.world.openPull({ head: SHA })
    const answer = await fetch(`${stub.apiUrl}/repos/acme/fleet/${path}`, {
      method: 'POST',
      headers: { authorization: `token ${PAT}` },
      body: JSON.stringify(body),
    })
    expect(answer.status).toBe(422)
  })

  it('limits who writes too fast, and counts who does not listen', async () => {
    const clock = createFakeClock()
    const stub = await githubForTest({ clock, limits: { creationsPerMinute: 2 } })
    const write = () =>
      fetch(`${stub.apiUrl}/repos/acme/fleet/statuses/${SHA}`, {
        method: 'POST',
        headers: { authorization: `token ${PAT}` },
        body: JSON.stringify({ state: 'error' }),
      })
    expect([(await write()).status, (await write()).status]).toEqual([201, 201])
    const limited = await write()
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([403, '60'])
    expect(stub.limits.ignored).toBe(0)
    await write()
    expect(stub.limits.ignored).toBe(1)
    await clock.advance(61_000)
    expect((await write()).status).toBe(201)
  })

  it('sends webhooks of what happens, signed over their bytes, in order', async () => {
    const stub = await githubForTest()
    const got: { readonly event: unknown; readonly signed: boolean; readonly payload: Record<string, unknown> }[] = []
    const receiver = createServer(async (request, response) => {
      const body = await text(request)
      const expected = `sha256=${createHmac('sha256', 'geheim').update(body).digest('hex')}`
      const { 'x-github-event': event, 'x-hub-signature-256': signature } = request.headers
      got.push({ event, signed: signature === expected, payload: JSON.parse(body) })
      response.writeHead(202).end()
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void receiver.close())
    stub.webhooks.to(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, 'geheim')
    stub.world.openPull({ head: SHA })
    stub.world.comment(1, { by: 'alice', body: '/swarmkeeper plan' })
    stub.world.merge(1, 'c'.repeat(40))
    const sent = await stub.webhooks.settled()
    expect(got.map(({ event, payload }) => [event, payload.action ?? payload.after])).toEqual([
      ['pull_request', 'opened'],
      ['issue_comment', 'created'],
      ['pull_request', 'closed'],
      ['push', 'c'.repeat(40)],
    ])
    expect(got.every((one) => one.signed)).toBe(true)
    expect(sent.every((one) => one.status === 202)).toBe(true)
    expect(await stub.webhooks.redeliver(sent[0]?.id ?? '')).toMatchObject({ id: sent[0]?.id, status: 202 })
  })
})

/** Everything that we ask of GitHub, once. */
async function askEverything(login: 'token' | 'app'): Promise<readonly Asked[]> {
  const clock = createFakeClock({ auto: true })
  const stub = await githubForTest({ clock, login })
  const github = createGitHub(stub.settings(), { clock, fetch })
  const sink = createGitHubSink({ github, install: 'main' })
  const bodies: readonly GitHubBody[] = [
    { type: 'status', sha: SHA, context: 'c', state: 'pending', description: 'd' },
    { type: 'comment', pull: 1, markdown: 'm' },
    { type: 'answer', pull: 1, markdown: 'm' },
    {
      ...{ type: 'annotations', sha: SHA, name: 'n', conclusion: 'failure', summary: 's' },
      annotations: Array(60).fill({ path: 'p', line: 1, level: 'warning', message: 'm' }),
    },
  ]
  stub.world.openPull({ head: SHA, files: ['a.yaml'] })
  await Promise.all([github.openPulls('main', { signal }), github.pull(1, { signal }), github.pullsOf(SHA, { signal })])
  await Promise.all([github.changedFiles(1, { signal }), github.permissionOf('alice', { signal })])
  await github.commentsSince('2026-01-01T00:00:00Z', { signal })
  for (const body of bodies) {
    for (const perhapsSent of [false, true]) {
      const delivery = { sink: 'github', subject: 's', body, final: false, id: 'm', attempts: 0, perhapsSent }
      const sent = await sink.send(delivery, { signal })
      const again = { ...delivery, ...('ref' in sent && sent.ref !== undefined && { before: sent.ref }) }
      await sink.send(again, { signal })
    }
  }
  return stub.requests
}

describe('what we ask of GitHub', () => {
  it.runIf(existsSync(SUBSET)).each(['token', 'app'] as const)(
    'with %s is also valid by the description of the corpus, where that has the operation',
    async (login) => {
      const check: Check = await createCheck(JSON.parse(readFileSync(SUBSET, 'utf8')))
      const asked = await askEverything(login)
      const judged = asked.map(check)
      const ADDED = /collaborators|issues\/comments\??$|\/user|\/app\b|check-runs/
      const refused = judged.flatMap((one, index) =>
        'violation' in one && !(one.operation === undefined && ADDED.test(asked[index]?.path ?? ''))
          ? [one.violation]
          : [],
      )
      expect(refused).toEqual([])
      expect(judged.filter((one) => !('violation' in one)).length).toBeGreaterThan(10)
    },
  )
})

describe('what the stub answers', () => {
  it('has only properties that GitHub describes for the operation', async () => {
    const clock = createFakeClock({ auto: true })
    const stub = await githubForTest({ clock, login: 'app' })
    stub.world.openPull({ head: SHA, files: ['a.yaml'] })
    stub.world.comment(1, { by: 'alice', body: 'hello' })
    const github = createGitHub(stub.settings(), { clock, fetch: spy })
    const answers: { readonly path: string; readonly method: string; readonly body: unknown }[] = []
    async function spy(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
      const answer = await fetch(input, init)
      const path = new URL(String(input)).pathname
      answers.push({ path, method: init?.method ?? 'GET', body: await answer.clone().json() })
      return answer
    }
    await github.openPulls('main', { signal })
    await github.pull(1, { signal })
    await github.changedFiles(1, { signal })
    await github.commentsSince('2025-01-01T00:00:00Z', { signal })
    await github.ownLogin({ signal })
    const sink = createGitHubSink({ github, install: 'main' })
    const status: GitHubBody = { type: 'status', sha: SHA, context: 'c', state: 'pending', description: 'd' }
    await sink.send(
      { sink: 'github', subject: 's', body: status, final: false, id: 'm', attempts: 0, perhapsSent: false },
      { signal },
    )
    const check = await ourDescription()
    const unknown = answers.flatMap(({ path, method, body }) => {
      const { operation = '' } = check({ path, method, query: '', body: {} })
      return undescribed(body, answerSchema(operation), operation)
    })
    expect(answers.length).toBeGreaterThan(6)
    expect(unknown).toEqual([])
    expect(Object.keys(OPERATIONS).filter((name) => answerSchema(name) === undefined)).toEqual([])
  })
})

type Json = Readonly<Record<string, unknown>>

const description = readDescription() as unknown as Json
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of the answer that says that it went well. */
function answerSchema(operation: string): unknown {
  const found = Object.values(description.paths as Json)
    .flatMap((methods) => Object.values(methods as Json))
    .find((one) => isObject(one) && one.operationId === operation)
  const { responses } = (found ?? {}) as { responses?: Json }
  const good = responses?.['200'] ?? responses?.['201']
  return isObject(good) ? ((good.content as Json)['application/json'] as Json).schema : undefined
}

function resolved(schema: unknown): Json {
  if (!isObject(schema)) return {}
  if (typeof schema.$ref !== 'string') return schema
  const target = schema.$ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, key) => (at as Json)[key], description)
  return resolved(target)
}

function undescribed(value: unknown, given: unknown, path: string): readonly string[] {
  const schema = resolved(given)
  if (Array.isArray(value)) return value.flatMap((one) => undescribed(one, schema.items, `${path}[]`))
  if (!isObject(value)) return []
  const branches = [schema, ...['allOf', 'anyOf', 'oneOf'].flatMap((key) => (schema[key] as unknown[]) ?? [])].map(
    resolved,
  )
  const known = Object.assign({}, ...branches.map((one) => one.properties ?? {})) as Json
  // What may have properties by any name is described by that.
  if (Object.keys(known).length === 0 || branches.some((one) => one.additionalProperties)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key in known ? undescribed(inner, known[key], `${path}.${key}`) : [`${path}.${key}`],
  )
}
