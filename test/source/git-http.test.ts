import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Source } from '../../src/model/source.ts'
import type { Fault } from './support/git-server.ts'
import { createGitBench, ENGINES, type GitBench } from './support/sources.ts'

const TOKEN = 'secret-token-1234'
const signal = new AbortController().signal
const auth = { token: new Sensitive(TOKEN) }
const encoded = Buffer.from(`x-access-token:${TOKEN}`).toString('base64')

async function failureOf(source: Source): Promise<unknown> {
  return source.resolve({ signal }).then(
    () => undefined,
    (error: unknown) => error,
  )
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

describe.each(ENGINES)('over HTTP (git program: %s)', (engine) => {
  let bench: GitBench
  beforeEach(async () => {
    bench = await createGitBench(engine)
    bench.world.commit({ 'a.yaml': 'a: 1' })
  })
  afterEach(() => bench.close())

  it('an idle look is one listing of one ref: the capabilities and ls-refs, and no fetch', async () => {
    const source = bench.source()
    await source.resolve({ signal })
    bench.server.requests.length = 0
    await source.resolve({ signal })
    expect(bench.server.requests).toEqual(['GET /site.git/info/refs', 'POST /site.git/git-upload-pack ls-refs'])
  })

  it('a restart fetches nothing: the clone survives', async () => {
    await bench.source().resolve({ signal })
    bench.server.requests.length = 0
    const source = bench.source()
    const revision = await source.resolve({ signal })
    expect((await source.read(revision, { signal })).files.size).toBe(1)
    expect(bench.server.requests).toEqual(['GET /site.git/info/refs', 'POST /site.git/git-upload-pack ls-refs'])
  })

  it('a commit that is in the clone is resolved, and read, without the server', async () => {
    const source = bench.source()
    const revision = await source.resolve({ signal })
    bench.server.fault = { on: '', does: { status: 503 } }
    bench.server.requests.length = 0
    expect(await source.resolve({ signal, revision: revision.commit })).toEqual(revision)
    const snapshot = await source.read(revision, { signal })
    expect((await snapshot.blob(snapshot.files.get('a.yaml')?.oid ?? '')).toString()).toBe('a: 1')
    expect(bench.server.requests).toEqual([])
  })

  it('a commit that is nowhere is looked for once, until something new was pushed', async () => {
    const source = bench.source()
    await source.resolve({ signal })
    const lost = source.resolve({ signal, revision: 'f'.repeat(40) })
    await expect(lost).rejects.toMatchObject({ reason: 'NotFound' })
    bench.server.requests.length = 0
    await expect(source.resolve({ signal, revision: 'f'.repeat(40) })).rejects.toMatchObject({ reason: 'NotFound' })
    expect(bench.server.requests).toEqual([])
  })

  it('the first fetch takes the tip alone, and later ones what is new', async () => {
    for (let n = 0; n < 20; n++) bench.world.commit({ 'a.yaml': `a: ${n}` })
    const source = bench.source()
    const tip = await source.resolve({ signal })
    const before = bench.server.requests.length
    expect(await source.descends(bench.world.commit({ 'a.yaml': 'next' }), tip.commit, { signal })).toBe(true)
    // Capabilities, refs and fetch: nothing was deepened for what was seen before.
    expect(bench.server.requests.slice(before).filter((line) => line.startsWith('POST')).length).toBeLessThanOrEqual(2)
  })

  it('a credential travels in the header of every request', async () => {
    bench.server.password = `x-access-token:${TOKEN}`
    expect((await bench.source({ auth }).resolve({ signal })).commit).toMatch(/^[0-9a-f]{40}$/)
    expect(new Set(bench.server.credentials)).toEqual(new Set([`Basic ${encoded}`]))
  })

  it('user and password do as well', async () => {
    bench.server.password = 'deploy:hunter2'
    const source = bench.source({ auth: { username: 'deploy', password: new Sensitive('hunter2') } })
    await expect(source.resolve({ signal })).resolves.toBeDefined()
  })

  it('SEC-7: the credential is nowhere in the clone', async () => {
    bench.server.password = `x-access-token:${TOKEN}`
    await bench.source({ auth }).resolve({ signal })
    for (const path of filesBelow(bench.directory)) {
      const content = readFileSync(path)
      expect(content.includes(TOKEN) || content.includes(encoded), path).toBe(false)
    }
  })

  it.each<[string, Fault, { readonly retryable: boolean; readonly says: RegExp }]>([
    ['401', { status: 401 }, { retryable: false, says: /401.*credential/ }],
    ['403', { status: 403 }, { retryable: false, says: /403.*allow/ }],
    ['404', { status: 404 }, { retryable: false, says: /404.*no such repository/ }],
    ['429', { status: 429 }, { retryable: true, says: /429/ }],
    ['500', { status: 500 }, { retryable: true, says: /500/ }],
    ['a page that is not git', { text: `<html>${TOKEN}</html>` }, { retryable: false, says: /no git server/ }],
    [
      'a redirect',
      { status: 301, location: `https://u:${TOKEN}@else.example.test/x.git/info/refs?t=${TOKEN}` },
      { retryable: false, says: /301.*https:\/\/else\.example\.test\/x\.git/ },
    ],
  ])(
    '%s is SourceUnreachable that says what to do, without a credential (SEC-7)',
    async (_, does, { retryable, says }) => {
      bench.server.fault = { on: 'GET', does }
      const error = await failureOf(bench.source({ auth }))
      expect(error).toMatchObject({ reason: 'SourceUnreachable', retryable, message: expect.stringMatching(says) })
      expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(new RegExp(`${TOKEN}|${encoded}`))
    },
  )

  it.each<[string, Fault]>([
    ['is refused', { status: 500 }],
    ['is cut in the middle of the pack', { cutAfter: 100 }],
    ['is redirected', { status: 302, location: `http://127.0.0.1:1/${TOKEN}` }],
  ])('a fetch that %s is SourceUnreachable without a credential, and the next one works', async (_, does) => {
    const source = bench.source({ auth })
    // The listing is let through where that is told apart: isomorphic-git fetches by protocol v1.
    bench.server.fault = { on: engine === 'auto' ? 'git-upload-pack fetch' : 'git-upload-pack', does }
    const error = await failureOf(source)
    expect(error).toMatchObject({ reason: 'SourceUnreachable' })
    expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(new RegExp(`${TOKEN}|${encoded}`))
    bench.server.fault = undefined
    await expect(source.resolve({ signal })).resolves.toBeDefined()
  })

  it.each(['info/refs', 'ls-refs'])(
    'a server that hangs at %s is given up after the time for a listing',
    async (on) => {
      bench.server.fault = { on, does: { hang: true } }
      const error = await failureOf(bench.source({ timeouts: { listMs: 200 } }))
      expect(error).toMatchObject({
        reason: 'SourceUnreachable',
        retryable: true,
        message: expect.stringContaining('0.2 s'),
      })
    },
  )

  it('a server that hangs in the fetch is given up after the time for a fetch', async () => {
    bench.server.fault = { on: engine === 'auto' ? 'git-upload-pack fetch' : 'POST', does: { hang: true } }
    const error = await failureOf(bench.source({ timeouts: { listMs: 300, fetchMs: 300 } }))
    expect(error).toMatchObject({ reason: 'SourceUnreachable', retryable: true })
  })

  it('a look that hangs can be cancelled', async () => {
    bench.server.fault = { on: '', does: { hang: true } }
    const stop = new AbortController()
    const looking = bench.source().resolve({ signal: stop.signal })
    stop.abort()
    await expect(looking).rejects.toMatchObject({ reason: 'Aborted' })
  })

  it('a port where nobody listens is SourceUnreachable with the reason', async () => {
    const error = await failureOf(bench.source({ url: 'http://127.0.0.1:9/site.git' }))
    expect(error).toMatchObject({ reason: 'SourceUnreachable', message: expect.stringContaining('ECONNREFUSED') })
  })

  it('a branch that is not there is refused by name', async () => {
    const error = await failureOf(bench.source({ branch: 'nowhere' }))
    expect(error).toMatchObject({ reason: 'SourceRefused', message: expect.stringContaining("'nowhere'") })
  })

  it('a branch whose name begins like another is not taken for it', async () => {
    const side = bench.world.commit({ 'a.yaml': 'side' }, { branch: 'release-2' })
    bench.world.commit({ 'a.yaml': 'x' }, { branch: 'release-10' })
    expect((await bench.source({ branch: 'release-2' }).resolve({ signal })).commit).toBe(side)
    const error = await failureOf(bench.source({ branch: 'release' }))
    expect(error).toMatchObject({ reason: 'SourceRefused' })
  })

  it('another url does not see the commits of the one before', async () => {
    const { commit } = await bench.source().resolve({ signal })
    bench.world.git(['init', '--quiet', '--bare', join(bench.world.root, 'other.git')])
    const source = bench.source({ url: bench.server.url('other.git') })
    await expect(source.resolve({ signal, revision: commit })).rejects.toMatchObject({ reason: 'NotFound' })
  })
})

describe.each(ENGINES)('in a folder of the repository (git program: %s)', (engine) => {
  let bench: GitBench
  beforeEach(async () => {
    bench = await createGitBench(engine)
  })
  afterEach(() => bench.close())

  it('reads what is below it, by paths relative to it', async () => {
    bench.world.commit({ 'staging/apps/a.yaml': 'a', 'production/apps/b.yaml': 'b', 'README.md': 'r' })
    const source = bench.source({ path: 'staging' })
    const { files } = await source.read(await source.resolve({ signal }), { signal })
    expect([...files.keys()]).toEqual(['apps/a.yaml'])
  })

  it('the tree of the revision is the tree of the folder: what changes elsewhere leaves it alone', async () => {
    bench.world.commit({ 'envs/staging/a.yaml': 'a', other: '1' })
    const source = bench.source({ path: 'envs/staging' })
    const before = await source.resolve({ signal })
    bench.world.commit({ 'envs/staging/a.yaml': 'a', other: '2' })
    const after = await source.resolve({ signal })
    expect(after.commit).not.toBe(before.commit)
    expect(after.tree).toBe(before.tree)
  })

  it('what is refused elsewhere is not reported', async () => {
    bench.world.commit({ 'staging/a.yaml': 'a', link: { mode: '120000', content: '/etc/passwd' } })
    const source = bench.source({ path: 'staging' })
    expect((await source.read(await source.resolve({ signal }), { signal })).refused).toEqual([])
  })

  it.each([
    ['staging', 'does not exist'],
    ['apps/nowhere/deep', 'does not exist'],
    ['file', 'is no folder'],
    ['link', 'is no folder'],
    ['module', 'is no folder'],
  ])("the path '%s' is refused: %s", async (path, why) => {
    bench.world.commit({
      'apps/a.yaml': 'a',
      file: 'f',
      link: { mode: '120000', content: 'apps' },
      module: { mode: '160000', oid: '1'.repeat(40) },
    })
    const error = await failureOf(bench.source({ path }))
    expect(error).toMatchObject({ reason: 'SourceRefused', message: expect.stringContaining(why) })
    expect(error).toMatchObject({ message: expect.stringContaining(`'${path}'`) })
  })
})

it.each(ENGINES)('an empty repository has no branch yet (git program: %s)', async (engine) => {
  const bench = await createGitBench(engine)
  expect(await failureOf(bench.source())).toMatchObject({ reason: 'SourceRefused' })
  const commit = bench.world.commit({ 'a.yaml': 'a' })
  expect((await bench.source().resolve({ signal })).commit).toBe(commit)
  await bench.close()
})
