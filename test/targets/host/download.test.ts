import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createDownloads, type DownloadsOptions } from '../../../src/targets/host/download.ts'
import type { Reach } from '../../../src/targets/host/open-url.ts'

const { signal } = new AbortController()
const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')
const CONTENT = 'the program\n'
const SHA = sha256(CONTENT)

describe('a download', () => {
  const open: Server[] = []
  let directory: string
  let tls: { readonly key: string; readonly cert: string }
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-test-download-'))
    const [key, cert] = [join(directory, 'key'), join(directory, 'cert')]
    const subject = ['-subj', '/CN=files.test', '-addext', 'subjectAltName=DNS:files.test']
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  })
  afterEach(async () => {
    for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve))
    rmSync(join(directory, 'cache'), { recursive: true, force: true })
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const listening = async (server: Server): Promise<number> => {
    open.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const serve = async (listener: RequestListener) => `http://127.0.0.1:${await listening(createServer(listener))}`
  const serveTls = async (listener: RequestListener) =>
    `https://files.test:${await listening(createHttpsServer(tls, listener))}`
  const cache = () => join(directory, 'cache')
  const toLoopback: Reach = async () => [{ address: '127.0.0.1', family: 4 }]
  const downloads = (more: Partial<DownloadsOptions> = {}) =>
    createDownloads({ directory: cache(), reach: toLoopback, ca: tls.cert, ...more })
  const giving =
    (content: string | Uint8Array): RequestListener =>
    (_, response) =>
      response.end(content)
  const kept = () => (existsSync(cache()) ? readdirSync(cache()).sort() : [])

  it('is made once for all who ask, by https as by http, and once more where what was kept is spoilt', async () => {
    let asked = 0
    const url = await serveTls((request, response) => {
      asked += 1
      giving(CONTENT)(request, response)
    })
    const download = downloads()
    const all = await Promise.all([1, 2, 3].map(() => download({ url, sha256: SHA }, { signal })))
    expect(all.map(String)).toEqual([CONTENT, CONTENT, CONTENT])
    expect([asked, kept()]).toEqual([1, [SHA]])
    expect(statSync(join(cache(), SHA)).mode & 0o777).toBe(0o600)
    // another process, another address: it is known by its digest
    expect(String(await downloads()({ url: 'https://nowhere.test/', sha256: SHA }, { signal }))).toBe(CONTENT)
    writeFileSync(join(cache(), SHA), 'spoilt')
    expect(String(await downloads()({ url, sha256: SHA }, { signal }))).toBe(CONTENT)
    expect(asked).toBe(2)
  })

  const refusal = (url: string, more: Partial<DownloadsOptions> = {}) =>
    downloads(more)({ url, sha256: SHA }, { signal }).then(
      () => 'it came',
      (error: { readonly reason: string; readonly message: string; readonly retryable: boolean }) =>
        `${error.reason} ${error.retryable}: ${error.message.replaceAll(/:\d{4,5}/g, '')}`,
    )

  it('of another content, or one that is not there, is refused, and nothing of it is kept', async () => {
    expect(await refusal(await serve(giving('other')))).toBe(
      `ArtifactUnavailable true: http://127.0.0.1/: what came has the sha256 ${sha256('other')}, and the document says ${SHA}`,
    )
    expect(await refusal(await serve((_, response) => response.writeHead(404).end(CONTENT)))).toContain(
      'it answers 404',
    )
    expect(kept()).toEqual([])
  })

  it('follows redirects, each checked by itself, but not for ever and not away from https', async () => {
    const plain = await serve(giving(CONTENT))
    const asked: string[] = []
    const reach: Reach = async (host, port, options) => {
      asked.push(host)
      if (host === '169.254.169.254') throw new Error('the settings do not allow 169.254.169.254:80')
      return toLoopback(host, port, options)
    }
    const to =
      (location: string): RequestListener =>
      (_, response) =>
        response.writeHead(302, { location }).end()
    const hop = await serve(to(`${plain}/there`))
    expect(String(await downloads({ reach })({ url: `${hop}/here`, sha256: SHA }, { signal }))).toBe(CONTENT)
    expect(asked).toEqual(['127.0.0.1', '127.0.0.1'])
    rmSync(cache(), { recursive: true })
    expect(await refusal(await serve(to('http://169.254.169.254/latest')), { reach })).toContain(
      'do not allow 169.254.169.254',
    )
    expect(await refusal(await serveTls(to(plain)))).toContain('it redirects to http://127.0.0.1/, which is not https')
    expect(await refusal(await serve(to('file:///etc/shadow')))).toContain('file: is neither http: nor https:')
    expect(await refusal(await serve(to('/again')))).toContain('more than 5 redirects')
  })

  it('is bound in size, said or not, and in time, and must come whole', async () => {
    const large = Buffer.alloc(3000)
    const maxBytes = 1000
    expect(await refusal(await serve(giving(large)), { maxBytes })).toContain('it has more than 1000 bytes')
    const unsaid: RequestListener = (_, response) => {
      response.write(large)
      response.end()
    }
    expect(await refusal(await serve(unsaid), { maxBytes })).toContain('it has more than 1000 bytes')
    const cut: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-length': String(CONTENT.length) })
      response.write('the')
      setImmediate(() => response.destroy())
    }
    expect(await refusal(await serve(cut))).toMatch(/aborted|ended in the middle/)
    const silent: RequestListener = () => {}
    expect(await refusal(await serve(silent), { timeouts: { wholeMs: 60_000, idleMs: 50 } })).toContain(
      'nothing came for 0.05 s',
    )
    expect(await refusal(await serve(silent), { timeouts: { wholeMs: 50, idleMs: 60_000 } })).toContain(
      'it did not come within 0.05 s',
    )
    expect(kept()).toEqual([])
  })

  it('trusts no certificate that it does not know, and says no word of what a signed address holds', async () => {
    const url = `${await serveTls(giving(CONTENT))}/a?signature=hush`
    const said = await downloads({ ca: '' })({ url, sha256: SHA }, { signal }).catch(String)
    expect(said).toContain('self-signed certificate')
    expect(said).not.toContain('hush')
  })

  it('makes room by taking away what was not used for longest, and what a killed one left', async () => {
    const download = downloads({ cacheBytes: 25 })
    const texts = ['one-------', 'two-------', 'three-----']
    for (const [at, text] of texts.entries()) {
      await download({ url: await serve(giving(text)), sha256: sha256(text) }, { signal })
      utimesSync(join(cache(), sha256(text)), at, at)
    }
    expect(kept()).toEqual(texts.slice(1).map(sha256).sort())
    writeFileSync(join(cache(), `${SHA}.old.part`), '')
    utimesSync(join(cache(), `${SHA}.old.part`), 1, 1)
    writeFileSync(join(cache(), `${SHA}.new.part`), '')
    await download({ url: await serve(giving(CONTENT)), sha256: SHA }, { signal })
    expect(kept()).not.toContain(`${SHA}.old.part`)
    expect(kept()).toContain(`${SHA}.new.part`)
  })

  it('ends when nobody waits for it any more', async () => {
    const controller = new AbortController()
    const url = await serve(() => controller.abort(new Error('enough')))
    await expect(downloads()({ url, sha256: SHA }, { signal: controller.signal })).rejects.toThrow('enough')
  })
})
