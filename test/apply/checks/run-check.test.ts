import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { HttpProbe } from '../../../src/apply/checks/http.ts'
import { type CheckContext, runCheck } from '../../../src/apply/checks/run-check.ts'
import { parseAddressEntry } from '../../../src/lib/addresses.ts'
import type { CheckSpec, Probe } from '../../../src/model/check.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

type AnyServer = Server | HttpsServer | TcpServer

const open: AnyServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listening(server: AnyServer): Promise<number> {
  open.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const serve = (handler: RequestListener) => listening(createServer(handler))

const answer = (status: number, body = '', headers = {}): RequestListener => {
  return (_request, response) => response.writeHead(status, headers).end(body)
}

function httpProbe(url: string, overrides: Partial<HttpProbe> = {}): HttpProbe {
  const base = { type: 'http', url, method: 'GET', headers: {}, status: [200], expectHeaders: {}, json: {} } as const
  return { ...base, redirect: 'manual', ...overrides }
}

const spec = (probe: Probe, overrides: Partial<CheckSpec> = {}): CheckSpec => {
  return { name: 'Check/smoke', probe, timeoutMs: 5_000, withinMs: 0, everyMs: 1_000, ...overrides }
}

function context(overrides: Partial<CheckContext> = {}): CheckContext {
  const clock = createFakeClock({ auto: true })
  return { signal: new AbortController().signal, clock, allowed: [parseAddressEntry('127.0.0.1')], ...overrides }
}

const allow = (...entries: string[]) => entries.map(parseAddressEntry)
const resolving = (...answers: string[][]) => {
  let asked = 0
  return vi.fn(async () =>
    (answers[Math.min(asked++, answers.length - 1)] ?? []).map((address) => ({ address, family: 4 })),
  )
}

const ask = (probe: Probe, overrides: Partial<CheckContext> = {}) => runCheck(spec(probe), context(overrides))

/** Asks a server that answers like this, and gives the message of the result without the port. */
async function messageOf(handler: RequestListener, overrides: Partial<HttpProbe> = {}): Promise<string> {
  const port = await serve(handler)
  const { message, ok } = await ask(httpProbe(`http://127.0.0.1:${port}/health`, overrides))
  return `${ok ? 'ok' : 'failed'}: ${message.replaceAll(`:${port}`, '')}`
}

describe('an HTTP check of the answer', () => {
  it('passes on the expected status, without a look at the body', async () => {
    const endless: RequestListener = (_request, response) => void response.writeHead(200).write('never ends')
    expect(await messageOf(endless)).toBe('ok: GET http://127.0.0.1/health: status 200')
  })

  it('says what was expected, what was got, and how the body begins', async () => {
    expect(await messageOf(answer(500, 'database is\n  down'))).toBe(
      'failed: GET http://127.0.0.1/health: status 500, expected 200; body: database is down',
    )
    expect(await messageOf(answer(404), { status: [200, 204] })).toContain('status 404, expected 200, 204; no body')
    expect(await messageOf(answer(404), { status: [200, 201, 202, 203, 401] })).toContain('expected 200-203, 401;')
  })

  it('shows no more than 200 characters of a body, and none that could steer a terminal', async () => {
    const body = `\u001b[31mred\u001b[0m \u202eturned\u0007\u0000 ${'x'.repeat(5000)}`
    const message = await messageOf(answer(500, body))
    expect(message).toMatch(/body: red turned x{50,}…$/)
    expect(message.length).toBeLessThan(300)
  })

  it('keeps query and password of the URL out of its messages', async () => {
    const port = await serve(answer(500))
    const asked = await ask(httpProbe(`http://127.0.0.1:${port}/health?token=canary`))
    const refused = await ask(httpProbe(`http://user:canary@127.0.0.1:${port}/health`))
    expect(asked.message + refused.message).not.toContain('canary')
    expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('may not hold a user') })
  })

  it.each([
    [{ 'Content-Type': 'application/json' }, 'ok'],
    [{ 'content-type': '/^application\\/(json|xml)$/' }, 'ok'],
    [{ 'content-type': 'text/html' }, 'header content-type is application/json, expected text/html'],
    [{ 'content-type': '/^text/' }, 'header content-type is application/json, expected it to match /^text/'],
    [{ 'x-frame-options': 'DENY' }, 'header x-frame-options is missing, expected DENY'],
    [{ 'content-type': '/(/' }, '/(/ is not a regular expression'],
  ])('judges the headers %j: %s', async (expectHeaders, expected) => {
    expect(await messageOf(answer(200, '{}', { 'content-type': 'application/json' }), { expectHeaders })).toContain(
      expected,
    )
  })

  it('gives up on a pattern that would never end', async () => {
    const headers = { 'x-version': `${'a'.repeat(60)}!` }
    expect(await messageOf(answer(200, '', headers), { expectHeaders: { 'x-version': '/^(a+)+$/' } })).toContain(
      'takes too long',
    )
  })

  it.each([
    [{ '/status': 'ok' }, 'ok: '],
    [{ '/checks/0/up': true, '/count': 3 }, 'ok: '],
    [{ '/checks/0': { up: true, name: 'db' } }, 'ok: '],
    [{ '/status': 'green' }, '/status is "ok", expected "green"'],
    [{ '/count': '3' }, '/count is 3, expected "3"'],
    [{ '/missing/deep': null }, '/missing/deep is missing, expected null'],
    [{ '/constructor': 1 }, '/constructor is missing'],
    [{ '/a~1b': 1 }, 'ok: '],
  ])('judges the JSON %j: %s', async (json, expected) => {
    const body = JSON.stringify({ status: 'ok', count: 3, checks: [{ name: 'db', up: true }], 'a/b': 1 })
    expect(await messageOf(answer(200, body), { json })).toContain(expected)
  })

  it('says that the body is not JSON, and shows it', async () => {
    expect(await messageOf(answer(200, '<html>'), { json: { '/status': 'ok' } })).toContain(
      'the body is not JSON; body: <html>',
    )
  })

  it('looks for a text in the body', async () => {
    expect(await messageOf(answer(200, 'service ready'), { body: 'ready' })).toMatch(/^ok/)
    expect(await messageOf(answer(200, 'starting'), { body: 'ready' })).toContain(
      'the body lacks "ready"; body: starting',
    )
  })

  it('reads 64 KiB of a body and no more', async () => {
    let written = 0
    const endless: RequestListener = (_request, response) => {
      const more = () => {
        do written += 16_384
        while (response.write('x'.repeat(16_384)))
      }
      response.on('drain', more)
      more()
    }
    expect(await messageOf(endless, { body: 'needle' })).toContain('only the first 64 KiB of the body were read')
    expect(written).toBeLessThan(16 * 1024 * 1024)
  })

  it('sends its headers and method', async () => {
    const seen = vi.fn()
    const handler: RequestListener = (request, response) => {
      seen(request.method, request.headers['x-probe'], request.headers.host, request.headers['content-length'])
      response.end()
    }
    await messageOf(handler, { method: 'POST', headers: { 'X-Probe': 'yes', Host: 'shop.test' } })
    expect(seen).toHaveBeenCalledWith('POST', 'yes', 'shop.test', '0')
  })
})

describe('an HTTP check that gets no answer', () => {
  const quick = (port: number, probe: Partial<HttpProbe> = {}) =>
    runCheck(spec(httpProbe(`http://127.0.0.1:${port}/`, probe), { timeoutMs: 100 }), context())

  it('names the reason', async () => {
    const port = await serve(answer(200))
    await new Promise((resolve) => open.splice(0)[0]?.close(resolve))
    expect((await quick(port)).message).toBe(`GET http://127.0.0.1:${port}/: connection refused (ECONNREFUSED)`)
  })

  it('waits for headers no longer than its timeout', async () => {
    expect((await quick(await serve(() => {}))).message).toContain('no answer within 0.1 s')
  })

  it('waits for a slow body no longer than its timeout, and shows what came', async () => {
    const slow: RequestListener = (_request, response) => void response.write('half of')
    expect((await quick(await serve(slow), { body: 'all' })).message).toContain(
      'the body lacks "all"; the body did not come to its end; body: half of',
    )
  })

  it('waits for a name server no longer than its timeout', async () => {
    const resolve = () => new Promise<never>(() => {})
    const check = spec(httpProbe('http://shop.test/'), { timeoutMs: 100 })
    expect((await runCheck(check, context({ resolve }))).message).toContain('no answer within 0.1 s')
  })

  it('says so when the name does not exist', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }))
    expect((await ask(httpProbe('http://shop.test/'), { resolve })).message).toContain('no such name (ENOTFOUND)')
  })

  it('survives what is not HTTP', async () => {
    const port = await listening(createTcpServer((socket) => socket.resume().end('220 smtp ready\r\n')))
    expect((await quick(port)).message).toContain('Parse Error')
  })
})

describe('where a check may connect to (SEC-19)', () => {
  it('is nowhere unless the settings allow it, and is not tried twice', async () => {
    const asked = vi.fn(answer(200))
    const port = await serve(asked)
    const check = spec(httpProbe(`http://127.0.0.1:${port}/`), { withinMs: 60_000 })
    const clock = createFakeClock({ auto: true })
    const result = await runCheck(check, context({ allowed: [], clock }))
    expect(result.message).toContain(`the operator's settings do not allow 127.0.0.1:${port}`)
    expect([asked.mock.calls.length, clock.monotonic()]).toEqual([0, 0])
  })

  it.each(['http://2130706433', 'http://0x7f.1', 'http://[::ffff:127.0.0.1]', 'http://0.0.0.0'])(
    'is not this machine under another spelling: %s',
    async (origin) => {
      const port = await serve(answer(200))
      const result = await ask(httpProbe(`${origin}:${port}/`), { allowed: allow('*.test', '10.0.0.0/8', '0.0.0.0/0') })
      expect(result).toMatchObject({ ok: false, message: expect.stringContaining('do not allow') })
    },
  )

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'gopher://127.0.0.1/'])('is not %s', async (url) => {
    expect((await ask(httpProbe(url))).message).toContain('is neither http: nor https:')
  })

  it('is a listed name, at the address that the name was resolved to before the connection', async () => {
    const port = await serve(answer(200))
    const resolve = resolving(['127.0.0.1'], ['192.0.2.1'])
    const allowed = allow('shop.test', `127.0.0.1:${port}`)
    expect(await ask(httpProbe(`http://shop.test:${port}/`), { resolve, allowed })).toMatchObject({ ok: true })
    expect(resolve).toHaveBeenCalledTimes(1)
  })

  it('is not a listed name that was rebound to this machine', async () => {
    const asked = vi.fn(answer(200))
    const port = await serve(asked)
    const result = await ask(httpProbe(`http://shop.test:${port}/`), {
      resolve: resolving(['127.0.0.1']),
      allowed: allow('shop.test'),
    })
    expect(result.message).toContain(`do not allow shop.test:${port} (127.0.0.1)`)
    expect(asked).not.toHaveBeenCalled()
  })

  it('leaves out those addresses of a name that are not allowed', async () => {
    const port = await serve(answer(200))
    const resolve = resolving(['169.254.169.254', '127.0.0.1'])
    expect(await ask(httpProbe(`http://shop.test:${port}/`), { resolve })).toMatchObject({ ok: true })
  })

  it.each(['169.254.169.254', '100.100.100.200'])('is not the metadata service at %s', async (ip) => {
    const allowed = allow('shop.test', '0.0.0.0/0')
    for (const host of [ip, 'shop.test']) {
      const result = await ask(httpProbe(`http://${host}/latest/meta-data`), { resolve: resolving([ip]), allowed })
      expect(result.message).toContain('do not allow')
    }
  })
})

describe('an HTTPS check', () => {
  const lacksOpenssl = spawnSync('openssl', ['version']).error !== undefined
  it.skipIf(lacksOpenssl)('trusts no certificate that nobody vouches for', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-tls-'))
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1']
    execFileSync('openssl', [...request, '-subj', '/CN=127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const port = await listening(createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer(200)))
    rmSync(directory, { recursive: true })
    expect((await ask(httpProbe(`https://127.0.0.1:${port}/`))).message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
  })
})

describe('redirects', () => {
  const to = (location: string, status = 302) => answer(status, 'moved', { location })

  it('are judged themselves where they are not followed', async () => {
    const probe = { status: [302], expectHeaders: { location: '/login' } }
    expect(await messageOf(to('/login'), probe)).toContain('ok: ')
    expect(await messageOf(to('/login'))).toContain('status 302, expected 200; body: moved')
  })

  it('are followed to the answer', async () => {
    const handler: RequestListener = (request, response) =>
      (request.url === '/health' ? to('new?x=1') : answer(200, 'arrived'))(request, response)
    expect(await messageOf(handler, { redirect: 'follow', body: 'arrived' })).toMatch(/^ok/)
  })

  it('are followed five times', async () => {
    const steps =
      (last: number): RequestListener =>
      (request, response) => {
        const step = Number(request.url?.slice(1)) || 0
        return (step < last ? to(`/${step + 1}`) : answer(200))(request, response)
      }
    expect(await messageOf(steps(5), { redirect: 'follow' })).toMatch(/^ok/)
    expect(await messageOf(steps(6), { redirect: 'follow' })).toContain('more than 5 redirects')
  })

  it('do not lead to an address that is not allowed', async () => {
    const inside = vi.fn(answer(200))
    const insidePort = await serve(inside)
    const port = await serve(to(`http://127.0.0.1:${insidePort}/admin`))
    const probe = httpProbe(`http://127.0.0.1:${port}/`, { redirect: 'follow' })
    const result = await ask(probe, { allowed: allow(`127.0.0.1:${port}`) })
    expect(result.message).toContain(`do not allow 127.0.0.1:${insidePort}`)
    expect(inside).not.toHaveBeenCalled()
  })

  it('do not lead to another protocol', async () => {
    expect(await messageOf(to('file:///etc/passwd'), { redirect: 'follow' })).toContain(
      'file: is neither http: nor https:',
    )
  })

  it('take the headers of the check to the same server only', async () => {
    const seen = vi.fn()
    const other = await serve((request, response) => {
      seen(request.headers['x-probe'])
      response.end()
    })
    const headers = { 'x-probe': 'secret' }
    await messageOf(to(`http://127.0.0.1:${other}/`), { redirect: 'follow', headers })
    const home = await serve((request, response) => {
      seen(request.headers['x-probe'])
      return (request.url === '/' ? to('/next') : answer(200))(request, response)
    })
    await ask(httpProbe(`http://127.0.0.1:${home}/`, { redirect: 'follow', headers }))
    expect(seen.mock.calls).toEqual([[undefined], ['secret'], ['secret']])
  })

  it.each([
    [303, 'GET'],
    [302, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ])('with status %i go on as %s after a POST', async (status, method) => {
    const seen: (string | undefined)[] = []
    const handler: RequestListener = (request, response) => {
      seen.push(request.method)
      return (request.url === '/health' ? to('/next', status) : answer(200))(request, response)
    }
    await messageOf(handler, { redirect: 'follow', method: 'POST' })
    expect(seen).toEqual(['POST', method])
  })
})

describe('a TCP check', () => {
  it('passes when the connection is accepted', async () => {
    const port = await listening(createTcpServer((socket) => socket.end()))
    expect(await ask({ type: 'tcp', host: '127.0.0.1', port })).toEqual({
      name: 'Check/smoke',
      ok: true,
      message: `tcp 127.0.0.1:${port}: accepted the connection`,
    })
  })

  it('says why there was none', async () => {
    const port = await listening(createTcpServer())
    await new Promise((resolve) => open.splice(0)[0]?.close(resolve))
    expect((await ask({ type: 'tcp', host: '127.0.0.1', port })).message).toBe(
      `tcp 127.0.0.1:${port}: connection refused (ECONNREFUSED), expected a connection`,
    )
  })

  it('tries the addresses of a name, and only those that are allowed', async () => {
    const port = await listening(createTcpServer((socket) => socket.end()))
    const probe = { type: 'tcp', host: 'db.test', port } as const
    expect((await ask(probe, { resolve: resolving(['169.254.1.1', '127.0.0.1']) })).ok).toBe(true)
    const refused = await ask(probe, { resolve: resolving(['127.0.0.1']), allowed: allow('db.test') })
    expect(refused.message).toContain(`do not allow db.test:${port}`)
  })
})

describe('a check over time', () => {
  it('is repeated until it passes', async () => {
    let asked = 0
    const port = await serve((request, response) => answer(++asked < 4 ? 503 : 200)(request, response))
    const clock = createFakeClock({ auto: true })
    const check = spec(httpProbe(`http://127.0.0.1:${port}/`), { withinMs: 90_000, everyMs: 2_000 })
    expect(await runCheck(check, context({ clock }))).toMatchObject({ ok: true })
    expect([asked, clock.monotonic()]).toEqual([4, 6_000])
  })

  it('fails with the last answer when its time has gone by', async () => {
    let asked = 0
    const port = await serve((request, response) => answer(503, `try ${++asked}`)(request, response))
    const clock = createFakeClock({ auto: true })
    const check = spec(httpProbe(`http://127.0.0.1:${port}/`), { withinMs: 10_000, everyMs: 3_000 })
    expect((await runCheck(check, context({ clock }))).message).toContain('body: try 4')
    expect([asked, clock.monotonic()]).toEqual([4, 9_000])
  })

  it('ends with the reason of its signal, asking or waiting', async () => {
    const hanging = await serve(() => {})
    const failing = await serve(answer(500))
    const stop = new AbortController()
    const clock = createFakeClock()
    const runs = [hanging, failing].map((port) => {
      const check = spec(httpProbe(`http://127.0.0.1:${port}/`), { withinMs: 60_000 })
      return runCheck(check, context({ signal: stop.signal, clock }))
    })
    const outcomes = Promise.allSettled(runs)
    await vi.waitFor(() => expect(clock.sleeping).toBe(1))
    stop.abort(new Error('superseded'))
    expect(await outcomes).toEqual([1, 2].map(() => ({ status: 'rejected', reason: new Error('superseded') })))
  })
})

describe('a command as a check', () => {
  const probe: Probe = {
    type: 'command',
    target: 'prod',
    image: 'pg:16',
    command: ['pg_isready'],
    networks: [],
    env: {},
  }

  it('is run by its target, again until it passes', async () => {
    const results = [false, true].map((ok) => ({ name: 'Check/smoke', ok, message: `exit code ${ok ? 0 : 2}` }))
    const runCommand = vi.fn(async () => results.shift() ?? expect.unreachable())
    const check = spec(probe, { withinMs: 10_000 })
    expect(await runCheck(check, context({ runCommand }))).toEqual({
      name: 'Check/smoke',
      ok: true,
      message: 'exit code 0',
    })
    expect(runCommand).toHaveBeenCalledTimes(2)
  })

  it('fails at once where no target runs commands', async () => {
    const result = await runCheck(spec(probe, { withinMs: 10_000 }), context())
    expect(result).toEqual({ name: 'Check/smoke', ok: false, message: 'the command cannot run: prod runs no checks' })
  })
})

describe('a check with a latency', () => {
  /** The name takes so long to look up that the whole takes this long, by the clock of the test. */
  const taking = async (ms: number, probe: (port: number) => Probe, handler = answer(200)) => {
    const port = await serve(handler)
    const clock = createFakeClock({ auto: true })
    const resolve = async () => {
      await clock.sleep(ms)
      return [{ address: '127.0.0.1', family: 4 }]
    }
    const options = context({ clock, resolve })
    return runCheck(spec(probe(port), { latencyMs: 500 }), options)
  }
  const http = (port: number): Probe => httpProbe(`http://slow.test:${port}/`)
  const tcp = (port: number): Probe => ({ type: 'tcp', host: 'slow.test', port })

  it.each([
    ['http', http],
    ['tcp', tcp],
  ])('passes by %s where the answer is right in time', async (_name, probe) => {
    expect(await taking(500, probe)).toMatchObject({ ok: true })
  })

  it('fails where the answer is right and late, and says so', async () => {
    const late = await taking(700, http)
    expect(late.ok).toBe(false)
    expect(late.message).toMatch(/: status 200, but after 700 ms, expected it within 500 ms$/)
    expect(await taking(501, tcp)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/: accepted the connection, but after 501 ms, expected it within 500 ms$/),
    })
  })

  it('says of a wrong answer what is wrong with it, however late', async () => {
    const wrong = await taking(700, http, answer(500))
    expect(wrong.message).toContain('status 500, expected 200')
    expect(wrong.message).not.toContain('700 ms')
  })
})
