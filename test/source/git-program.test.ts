import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Sensitive } from '../../src/model/sensitive.ts'
import { createGitSource } from '../../src/source/git-source.ts'
import { contentsOf } from '../conformance/source.ts'
import { startGitServer } from './support/git-server.ts'
import { createGitBench, type GitBench } from './support/sources.ts'

const TOKEN = 'secret-token-1234'
const signal = new AbortController().signal

describe('SEC-3: how the git program is run', () => {
  let bench: GitBench
  let tools: string
  beforeEach(async () => {
    bench = await createGitBench('auto')
    bench.world.commit({ 'a.yaml': 'a: 1' })
    tools = mkdtempSync(join(tmpdir(), 'swarmkeeper-tools-'))
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await bench.close()
    rmSync(tools, { recursive: true, force: true })
  })

  /** A `git` that writes down its words and its environment, and then is git. */
  const recordGit = () => {
    const log = join(tools, 'log')
    writeFileSync(
      join(tools, 'git'),
      `#!/bin/sh\n{ printf '<%s>' "$@"; echo; } >> ${log}\nenv >> ${log}.env\nexec /usr/bin/git "$@"\n`,
    )
    chmodSync(join(tools, 'git'), 0o755)
    return {
      searchPath: `${tools}:/usr/bin:/bin`,
      words: () => readFileSync(log, 'utf8').trim().split('\n'),
      environment: () => readFileSync(`${log}.env`, 'utf8'),
    }
  }

  it('gives it no credential among its words, and none of our environment', async () => {
    vi.stubEnv('SWARMKEEPER_KEY', 'environment-canary')
    vi.stubEnv('GIT_DIR', '/nonexistent')
    vi.stubEnv('GIT_CONFIG_PARAMETERS', "'core.sshCommand'='touch /tmp/x'")
    vi.stubEnv('GIT_TRACE', join(tools, 'trace'))
    bench.server.password = `x-access-token:${TOKEN}`
    const recorded = recordGit()
    const source = bench.source({ auth: { token: new Sensitive(TOKEN) }, searchPath: recorded.searchPath })
    expect(await contentsOf(source)).toEqual({ 'a.yaml': 'a: 1' })
    const encoded = Buffer.from(`x-access-token:${TOKEN}`).toString('base64')
    expect(recorded.words().join()).not.toMatch(new RegExp(`${TOKEN}|${encoded}`))
    expect(recorded.environment()).not.toMatch(/environment-canary|GIT_DIR=|GIT_TRACE|GIT_CONFIG_PARAMETERS/)
    expect(recorded.environment()).toContain('GIT_CONFIG_NOSYSTEM=1')
    expect(recorded.environment()).toContain('GIT_TERMINAL_PROMPT=0')
  })

  it('SEC-7: a fetch that is redirected takes no credential to the other host', async () => {
    const elsewhere = await startGitServer(bench.world.root)
    const location = `${elsewhere.url(bench.world.name)}/info/refs?service=git-upload-pack`
    bench.server.fault = { on: '/info/refs by git', does: { status: 302, location } }
    const source = bench.source({ auth: { token: new Sensitive(TOKEN) } })
    await expect(source.resolve({ signal })).rejects.toMatchObject({ reason: 'SourceUnreachable' })
    expect(elsewhere.requests).toEqual([])
    await elsewhere.close()
  })

  it('puts -- before the url, and names no work tree', async () => {
    const recorded = recordGit()
    await contentsOf(bench.source({ searchPath: recorded.searchPath }))
    const fetch = recorded.words().find((line) => line.includes('<fetch>'))
    expect(fetch).toContain(`<--><${bench.server.url(bench.world.name)}><+refs/heads/main:refs/heads/main>`)
    expect(recorded.words().join()).not.toMatch(/<(checkout|clone|pull|worktree|submodule)>/)
  })

  it('reads a thousand blobs through one process', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`f${n}`, `${n}`.repeat(200)]))
    bench.world.commit(many)
    const recorded = recordGit()
    expect(await contentsOf(bench.source({ searchPath: recorded.searchPath }))).toEqual(many)
    expect(recorded.words().filter((line) => line.includes('<--batch>'))).toHaveLength(1)
  })

  it('an idle look starts no process', async () => {
    const recorded = recordGit()
    const source = bench.source({ searchPath: recorded.searchPath })
    await source.resolve({ signal })
    const before = recorded.words().length
    await source.resolve({ signal })
    expect(recorded.words()).toHaveLength(before)
  })

  it('runs no hook of the clone', async () => {
    const source = bench.source()
    await source.resolve({ signal })
    const [clone = ''] = bench.clones()
    const marker = join(tools, 'hook-ran')
    for (const name of ['reference-transaction', 'post-update', 'post-checkout', 'pre-auto-gc']) {
      const hook = join(clone, 'hooks', name)
      mkdirSync(join(clone, 'hooks'), { recursive: true })
      writeFileSync(hook, `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 })
    }
    bench.world.commit({ 'a.yaml': 'a: 2' })
    expect(await contentsOf(source)).toEqual({ 'a.yaml': 'a: 2' })
    expect(() => readFileSync(marker)).toThrow('ENOENT')
  })

  it('a git that hangs is killed, with its children, after the time for it', async () => {
    writeFileSync(join(tools, 'git'), '#!/bin/sh\n[ "$1" = --version ] && exec /usr/bin/git "$@"\nsleep 60 & wait\n')
    chmodSync(join(tools, 'git'), 0o755)
    const searchPath = `${tools}:/usr/bin:/bin`
    const source = bench.source({ searchPath, timeouts: { localMs: 200, fetchMs: 200 } })
    await expect(source.resolve({ signal })).rejects.toMatchObject({
      reason: 'SourceUnreachable',
      message: expect.stringContaining('0.2 s'),
    })
  })

  it('a git that is too old to be given a credential is not used over HTTP', async () => {
    writeFileSync(join(tools, 'git'), '#!/bin/sh\necho git version 2.20.1\n')
    chmodSync(join(tools, 'git'), 0o755)
    await bench.source({ searchPath: tools }).resolve({ signal })
    expect(bench.clones()[0]).toContain('isomorphic-')
  })

  it('without git, HTTP works all the same', async () => {
    expect(await contentsOf(bench.source({ searchPath: '/nonexistent' }))).toEqual({ 'a.yaml': 'a: 1' })
  })

  it('a file:// repository of another user is the operator’s own, and read', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root can give a folder to another user')
    const { world, directory } = bench
    execFileSync('chown', ['-R', '65534', world.repository])
    const source = createGitSource({ url: `file://${world.repository}`, branch: 'main', directory })
    expect(await contentsOf(source)).toEqual({ 'a.yaml': 'a: 1' })
    await source.dispose()
  })
})
