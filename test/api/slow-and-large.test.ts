import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { connect, createServer as createNetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/api/limits.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { ListenSettings } from '../../src/settings/settings.ts'
import { type } from '../cli/cli-world.ts'
import { fleetOutcome } from '../report/samples.ts'
import { type ApiWorld, apiWorld, tokenFor, type WorldOptions } from './api-world.ts'

let world: ApiWorld | undefined
const open = async (options: WorldOptions = {}) => {
  world = await apiWorld(options)
  return world
}
afterEach(async () => {
  await world?.close()
  world = undefined
})

/** Sends these bytes over a connection of its own, and gives all that came until it was closed. */
function raw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => void (bytes !== '' && socket.write(bytes)))
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => undefined)
    socket.once('close', () => resolve(text))
  })
}

const connections = ({ server }: ApiWorld): Promise<number> =>
  new Promise((resolve) => server.fastify.server.getConnections((_error, many) => resolve(many)))

/** Asks for much, and reads nothing of it: resolves when the server has let it go. */
async function untaken(opened: ApiWorld): Promise<void> {
  const { url, server } = opened
  const begun = new Promise((resolve) => server.fastify.server.once('request', resolve))
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
    socket.pause()
    socket.write(`GET /api/v1/resources/x/logs HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n`)
  })
  socket.on('error', () => undefined)
  await begun
  while ((await connections(opened)) > 0) await new Promise((resolve) => setTimeout(resolve, 10))
  socket.destroy()
}

const AUTH = `Authorization: Bearer ${tokenFor('admin')}\r\n`

describe('SEC-14: a client of the API', () => {
  it('has ten seconds for its headers and thirty for its request', () => {
    expect(DEFAULT_LIMITS).toMatchObject({ headersMs: 10_000, requestMs: 30_000 })
  })

  it.each([
    ['says nothing', ''],
    ['sends its headers slowly', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'sends its body slowly',
      `POST /api/v1/unfreeze HTTP/1.1\r\nHost: x\r\n${AUTH}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    ],
  ])('that %s is let go, and others are answered meanwhile', async (_what, bytes) => {
    const { url, ask } = await open({ limits: { headersMs: 300, requestMs: 400 } })
    const slow = raw(url, bytes)
    expect((await ask('/healthz', { as: 'nobody' })).status).toBe(200)
    expect(await slow).toMatch(/^(HTTP\/1\.1 408 |$)/)
  })

  const much = { logs: async () => Array.from({ length: 200_000 }, () => 'x'.repeat(200)) }

  it('that does not take its answer is let go', async () => {
    await untaken(await open({ limits: { silentMs: 300 }, engine: much }))
  })

  it('that sends its body slowly does not keep the daemon from its end', async () => {
    const { url, server, clock } = await open()
    const asked = new Promise((resolve) => server.fastify.server.once('request', resolve))
    const left = raw(
      url,
      `POST /api/v1/unfreeze HTTP/1.1\r\nHost: x\r\n${AUTH}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    )
    await asked
    let over = false
    const stopped = server.close().then(() => {
      over = true
    })
    await clock.advance(4_000)
    expect(over).toBe(false)
    await clock.advance(1_000)
    await stopped
    await left
  })

  it('may wait for an act for as long as it takes', async () => {
    const { ask } = await open({
      limits: { silentMs: 200 },
      reconcile: () => new Promise((resolve) => setTimeout(() => resolve(fleetOutcome([])), 700)),
    })
    expect((await ask('/api/v1/reconcile', { method: 'POST', as: 'admin', body: { wait: true } })).status).toBe(200)
  })

  it('is refused with a body that is too large: by its announced length, and while it streams', async () => {
    const { url, ask, loop } = await open({ limits: { bodyBytes: 1_000 } })
    const body = { app: 'x'.repeat(1_000) }
    const answer = await ask('/api/v1/reconcile', { method: 'POST', as: 'admin', body })
    expect([answer.status, ((await answer.json()) as { error: object }).error]).toEqual([
      413,
      expect.objectContaining({ reason: 'Usage', message: 'the body is too large' }),
    ])
    const head = `POST /api/v1/reconcile HTTP/1.1\r\nHost: x\r\n${AUTH}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    const chunks = `${(400).toString(16)}\r\n${' '.repeat(400)}\r\n`.repeat(4)
    expect(await raw(url, head + chunks)).toMatch(/^HTTP\/1\.1 413 /)
    expect(loop.asked).toEqual([])
  })

  it.each([
    ['no JSON', 'application/json', '{', 400],
    ['JSON that would change prototypes', 'application/json', '{"__proto__": {"x": 1}}', 400],
    ['a form', 'application/x-www-form-urlencoded', 'app=hello', 415],
    ['text', 'text/plain', '{}', 415],
    ['deep nesting', 'application/json', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400],
  ])('is refused with %s', async (_what, contentType, body, status) => {
    const { ask, loop } = await open()
    const answer = await ask('/api/v1/reconcile', {
      method: 'POST',
      as: 'admin',
      headers: { 'content-type': contentType },
      body,
    })
    expect(answer.status).toBe(status)
    expect(loop.asked).toEqual([])
  })

  it('is refused with more headers than there is room for', async () => {
    const { url } = await open()
    expect(await raw(url, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    )
  })

  it('does not reach a parameter by two encodings: %2F is decoded once', async () => {
    const seen: string[] = []
    const { ask } = await open({
      engine: {
        logs: async (id) => {
          seen.push(id)
          return []
        },
      },
    })
    await ask('/api/v1/resources/a%252Fb%2F..%2F..%2Fc/logs')
    expect(seen).toEqual(['a%2Fb/../../c'])
    expect((await ask('/api/v1/resources/%E0%A4%A/logs')).status).toBe(400)
  })
})

describe('where it listens', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-api-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const settings = (listen: ListenSettings) => ({
    install: 'main',
    listen,
    tokens: [
      {
        name: 'ops',
        sha256: '6f2b5dc43ae1ab2dd11cb4e1bbd7a1ad3fe0d34b08e4a1d5b2a8f0d2c2b5b7c0',
        scopes: ['admin'] as const,
      },
    ],
    auditRetentionMs: 1e9,
    pollIntervalMs: 60_000,
  })

  it('may be a socket that only its owner opens; the command line speaks to it', async () => {
    const socket = join(folder, 'api.sock')
    const { url, server } = await open({ settings: settings({ at: { socket } }) })
    expect([url, (statSync(socket).mode & 0o777).toString(8)]).toEqual([`unix:${socket}`, '600'])
    const { err } = await type(['status'], { daemon: { url, token: new Sensitive('guess') } })
    expect(err).toContain('this needs a token')
    await server.close()
    expect(existsSync(socket)).toBe(false)
    expect((await type(['status'], { daemon: { url } })).err).toContain('there is no such socket (ENOENT)')
  })

  it('takes the place of a socket that a killed process left, and of no other file', async () => {
    const left = join(folder, 'left.sock')
    const listen = `require('net').createServer().listen(${JSON.stringify(left)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', listen])
    expect(statSync(left).isSocket()).toBe(true)
    const { ask, close } = await open({ settings: settings({ at: { socket: left } }) })
    expect(ask).toBeDefined()
    await close()
    const file = join(folder, 'file')
    writeFileSync(file, 'not ours')
    await expect(open({ settings: settings({ at: { socket: file } }) })).rejects.toMatchObject({
      reason: 'InvalidSettings',
    })
    expect(readFileSync(file, 'utf8')).toBe('not ours')
  })

  it('is refused where somebody listens already, and leaves that alone', async () => {
    const socket = join(folder, 'taken.sock')
    const other = createNetServer().listen(socket)
    await new Promise((resolve) => other.once('listening', resolve))
    await expect(open({ settings: settings({ at: { socket } }) })).rejects.toMatchObject({
      reason: 'InvalidSettings',
      message: `the API cannot listen at ${socket} (EADDRINUSE)`,
    })
    expect(existsSync(socket)).toBe(true)
    await new Promise((resolve) => other.close(resolve))
  })

  it('speaks TLS where the settings have a certificate', async () => {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', certificate, ...subject], {
      stdio: 'ignore',
    })
    const tls = { certificate: readFileSync(certificate, 'utf8'), key: new Sensitive(readFileSync(key)) }
    const { url } = await open({ settings: settings({ at: { host: '127.0.0.1', port: 0 }, tls }) })
    expect(url).toMatch(/^https:/)
    const status = await new Promise((resolve, reject) => {
      httpsRequest(`${url}/healthz`, { ca: tls.certificate }, (answer) => resolve(answer.statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(200)
  })
})
