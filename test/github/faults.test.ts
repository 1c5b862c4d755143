import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGitHub } from '../../src/github/create-github.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import type { Fault } from '../support/github-stub/faults.ts'
import { PAT } from '../support/github-stub/stub-login.ts'
import { githubWorld, NEVER, status } from './github-world.ts'

const call = { signal: NEVER }

const UNREACHABLE: readonly (readonly [string, Fault])[] = [
  ['500', { kind: 'status', status: 500 }],
  ['502', { kind: 'status', status: 502 }],
  ['no answer', { kind: 'hang' }],
  ['a connection that breaks', { kind: 'reset' }],
  ['an answer that breaks off', { kind: 'cut-answer' }],
  ['a page of something in between', { kind: 'page' }],
]

describe('a read that meets', () => {
  it.each(UNREACHABLE)('%s is to be tried again, and works then', async (_, fault) => {
    const { stub, github, impatient } = await githubWorld()
    const first = fault.kind === 'hang' ? impatient().github : github
    stub.faults.plan({ fault })
    await expect(first.openPulls('main', call)).rejects.toMatchObject({ reason: 'ReportUnreachable', retryable: true })
    stub.faults.clear()
    expect(await github.openPulls('main', call)).toEqual([])
  })

  it('a GitHub that is not there says why', async () => {
    const { stub, github } = await githubWorld()
    await stub.close()
    await expect(github.openPulls('main', call)).rejects.toThrow(
      /no usable answer to pulls\/list: connect ECONNREFUSED/,
    )
  })

  it('its own end stops at once, with the reason that it was given', async () => {
    const { stub, github } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'hang' } })
    const stop = new AbortController()
    const asked = github.openPulls('main', { signal: stop.signal })
    const reason = new Error('stopping')
    stop.abort(reason)
    await expect(asked).rejects.toBe(reason)
  })
})

describe('a status that meets', () => {
  it.each(UNREACHABLE.filter(([, fault]) => fault.kind !== 'page' && fault.kind !== 'cut-answer'))(
    '%s waits, and may have arrived',
    async (_, fault) => {
      const { stub, say, impatient } = await githubWorld()
      stub.faults.plan({ fault })
      const first = fault.kind === 'hang' ? impatient().say : say
      expect(await first(status())).toMatchObject({ state: 'later', perhaps: true })
      stub.faults.clear()
      expect(await say(status(), { attempts: 1, perhapsSent: true })).toEqual({ state: 'sent' })
      expect(stub.world.statuses).toHaveLength(1)
    },
  )

  it('422 is refused: it will never be taken', async () => {
    const { stub, say } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'status', status: 422, message: 'Validation Failed' } })
    expect(await say(status())).toEqual({
      state: 'refused',
      message: 'GitHub answered 422 to repos/create-commit-status: Validation Failed',
    })
  })

  it.each([403, 404, 410])('%i is refused', async (code) => {
    const { stub, say } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'status', status: code, message: 'no' } })
    expect(await say(status())).toMatchObject({ state: 'refused' })
  })

  it('our own stop waits for the next start', async () => {
    const { stub, sink } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'hang' } })
    const stop = new AbortController()
    const delivery = {
      sink: 'github',
      subject: 's',
      body: status(),
      final: false,
      id: 'm',
      attempts: 0,
      perhapsSent: false,
    }
    const sent = sink.send(delivery, { signal: stop.signal })
    stop.abort(new Error('stopping'))
    expect(await sent).toMatchObject({ state: 'later', perhaps: true })
  })
})

describe('redirects', () => {
  it('to another host are not followed: the login would go with them (SEC-7)', async () => {
    const { stub, github } = await githubWorld()
    const heard: (string | undefined)[] = []
    const other = createServer((request, response) => {
      heard.push(request.headers.authorization)
      response.end('[]')
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const to = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`
    stub.faults.plan({ fault: { kind: 'redirect', to } })
    await expect(github.openPulls('main', call)).rejects.toMatchObject({
      reason: 'ReportRefused',
      message: expect.stringContaining('which is not followed'),
    })
    expect(heard).toEqual([])
  })

  it('of a read to another path of the same host are followed, as after a rename of the repository', async () => {
    const { stub, github } = await githubWorld()
    stub.faults.plan({
      fault: { kind: 'redirect', to: `${stub.apiUrl}/repos/acme/fleet/pulls?state=open`, status: 301 },
    })
    expect(await github.openPulls('main', call)).toEqual([])
  })

  it('of a write are not made a read', async () => {
    const { stub, say } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'redirect', to: `${stub.apiUrl}/repos/acme/fleet/pulls`, status: 301 } })
    expect(await say(status())).toMatchObject({ state: 'refused', message: expect.stringContaining('moved') })
    expect(stub.requests).toHaveLength(1)
  })

  it('are not what a next page is: on another host it is not asked for', async () => {
    const { stub, clock } = await githubWorld()
    const asked: string[] = []
    const astray: typeof fetch = async (input) => {
      asked.push(new URL(String(input)).host)
      return new Response('[]', {
        headers: { 'content-type': 'application/json', link: '<https://elsewhere.test/pulls?page=2>; rel="next"' },
      })
    }
    const github = createGitHub(stub.settings(), { clock, fetch: astray })
    await expect(github.openPulls('main', call)).rejects.toThrow(/next page is on another host/)
    expect(asked).toEqual([new URL(stub.apiUrl).host])
  })

  it('without end are given up', async () => {
    const { stub, github } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'redirect', to: `${stub.apiUrl}/user` }, times: 20 })
    await expect(github.openPulls('main', call)).rejects.toThrow(/redirects more than 3 times/)
    expect(stub.requests).toHaveLength(4)
  })
})

describe('the login in what is said of a failure (SEC-7)', () => {
  it.each([
    ...UNREACHABLE.filter(([, fault]) => fault.kind !== 'hang'),
    ['401', { kind: 'status', status: 401 }] as const,
    ['its own words', ECHO()] as const,
  ])('%s does not show it', async (_, fault) => {
    const { stub, impatient } = await githubWorld()
    const { github, say } = impatient()
    stub.faults.plan({ fault, times: 2 })
    const error = await github.openPulls('main', call).catch((caught: unknown) => caught)
    const sent = await say(status())
    const shown = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(sent)} ${inspect(github, { depth: 3 })}`
    expect(error).toBeInstanceOf(Error)
    expect(shown).not.toContain(PAT)
  })

  it('a key of an App that cannot be read is not quoted', async () => {
    const { stub } = await githubWorld()
    const privateKey = new Sensitive('-----BEGIN PRIVATE KEY-----\ncanary-4711\n-----END PRIVATE KEY-----')
    const settings = stub.settings({ login: { appId: 1, installationId: 2, privateKey } })
    const github = createGitHub(settings, { clock: createFakeClock(), fetch })
    const error = await github.openPulls('main', call).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ reason: 'ReportRefused', message: expect.stringContaining('private key') })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('canary')
  })
})

/** Something in between that shows the request to who made it. */
function ECHO(): Fault {
  return { kind: 'status', status: 400, message: `bad request: authorization: token ${PAT}` }
}

describe('answers that are too long', () => {
  it('are broken off', async () => {
    const endless = createServer((_, response) => {
      const part = Buffer.alloc(1024 * 1024, 'x')
      const more = (): void =>
        void (response.destroyed || (response.write(part) ? setImmediate(more) : response.once('drain', more)))
      more()
    })
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void endless.close())
    const { stub } = await githubWorld()
    const settings = stub.settings({ apiUrl: `http://127.0.0.1:${(endless.address() as AddressInfo).port}` })
    const github = createGitHub(settings, { clock: createFakeClock(), fetch })
    await expect(github.openPulls('main', call)).rejects.toThrow(/longer than/)
  })
})
