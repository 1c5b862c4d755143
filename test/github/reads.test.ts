import { describe, expect, it } from 'vitest'
import { createGitHub } from '../../src/github/create-github.ts'
import { githubWorld, NEVER, SHA } from './github-world.ts'

const call = { signal: NEVER }

describe('pull requests', () => {
  it('are those that are open to the tracked branch, with head, base and whether they come from a fork', async () => {
    const { stub, github } = await githubWorld()
    stub.world.pushTo('main', SHA('b'))
    stub.world.openPull({ head: SHA('1'), title: 'Web 2.0', author: 'alice', headRef: 'web' })
    stub.world.openPull({ head: SHA('2'), fork: true, draft: true })
    stub.world.openPull({ head: SHA('3'), base: 'elsewhere' })
    stub.world.close(stub.world.openPull({ head: SHA('4') }))
    expect(await github.openPulls('main', call)).toEqual([
      {
        ...{ number: 1, state: 'open', draft: false, title: 'Web 2.0', author: 'alice', fork: false },
        head: { sha: SHA('1'), ref: 'web' },
        base: { sha: SHA('b'), ref: 'main' },
      },
      expect.objectContaining({ number: 2, fork: true, draft: true }),
    ])
  })

  it('are read over all pages', async () => {
    const { stub, github } = await githubWorld()
    for (let count = 0; count < 230; count += 1) stub.world.openPull({ head: SHA('1') })
    const numbers = (await github.openPulls('main', call)).map((pull) => pull.number)
    expect(numbers).toEqual(Array.from({ length: 230 }, (_, index) => index + 1))
  })

  it('that moved to another page while they were read are found nevertheless', async () => {
    const { stub, github } = await githubWorld()
    for (let count = 0; count < 150; count += 1) stub.world.openPull({ head: SHA('1') })
    const seen = stub.requests
    // Between the first page and the second one of the first page is closed: 101 moves onto the first.
    const closing = github.openPulls('main', { signal: NEVER })
    while (seen.length === 0 || seen[0]?.status === 0) await new Promise((resolve) => setImmediate(resolve))
    stub.world.close(5)
    expect((await closing).map((pull) => pull.number)).toContain(101)
  })

  it('that did not change cost nothing of the rate limit', async () => {
    const { stub, github } = await githubWorld()
    stub.world.openPull({ head: SHA('1') })
    const first = await github.openPulls('main', call)
    const { remaining } = github.rateLimit()
    const second = await github.openPulls('main', call)
    expect(second).toEqual(first)
    expect(stub.requests.map((request) => request.status)).toEqual([200, 304])
    stub.world.push(1, SHA('2'))
    expect((await github.openPulls('main', call))[0]?.head.sha).toBe(SHA('2'))
    expect(github.rateLimit().remaining).toBe((remaining ?? 0) - 1)
  })

  it('that were merged say as which commit; while they are open the merge that GitHub tries is none', async () => {
    const { stub, github } = await githubWorld()
    stub.world.openPull({ head: SHA('1') })
    expect(await github.pull(1, call)).not.toHaveProperty('mergedAs')
    stub.world.merge(1, SHA('c'))
    expect(await github.pull(1, call)).toMatchObject({ state: 'closed', mergedAs: SHA('c') })
  })

  it('of a commit of the tracked branch are found; of one that GitHub has not, there is none', async () => {
    const { stub, github } = await githubWorld()
    stub.world.openPull({ head: SHA('1') })
    stub.world.merge(1, SHA('c'))
    expect((await github.pullsOf(SHA('c'), call)).map((pull) => pull.number)).toEqual([1])
    expect(await github.pullsOf(SHA('d'), call)).toEqual([])
    stub.faults.plan({ fault: { kind: 'status', status: 422, message: 'No commit found for SHA' } })
    expect(await github.pullsOf(SHA('d'), call)).toEqual([])
  })

  it('tell every path that they change', async () => {
    const { stub, github } = await githubWorld()
    const files = Array.from({ length: 250 }, (_, index) => `apps/web-${index}.yaml`)
    stub.world.openPull({ head: SHA('1'), files })
    expect(await github.changedFiles(1, call)).toEqual(files)
  })

  it('that are not there are refused, as what the login may not see', async () => {
    const { github } = await githubWorld()
    await expect(github.pull(7, call)).rejects.toMatchObject({
      reason: 'ReportRefused',
      retryable: false,
      message: 'GitHub answered 404 to pulls/get: Not Found',
    })
  })
})

describe('comments', () => {
  it('of all pull requests since a time are read, with who wrote them, and when they were changed', async () => {
    const { stub, github, clock } = await githubWorld()
    stub.world.openPull({ head: SHA('1') })
    stub.world.comment(1, { by: 'alice', body: 'early' })
    await clock.advance(60_000)
    const since = clock.now().toISOString()
    const id = stub.world.comment(1, { by: 'bob', body: '/swarmkeeper plan' })
    await clock.advance(5_000)
    stub.world.editComment(id, '/swarmkeeper rollback web')
    expect(await github.commentsSince(since, call)).toEqual([
      {
        ...{ id, pull: 1, author: 'bob', authorType: 'User', body: '/swarmkeeper rollback web' },
        createdAt: '2026-01-01T00:01:00Z',
        updatedAt: '2026-01-01T00:01:05Z',
      },
    ])
  })

  it('of issues are none of ours', async () => {
    const { stub, github } = await githubWorld()
    stub.world.comment(77, { by: 'alice', body: '/swarmkeeper plan' })
    expect(await github.commentsSince('2025-12-01T00:00:00.500Z', call)).toEqual([])
  })

  it('are all found, however many have the same time', async () => {
    const { stub, github, clock } = await githubWorld()
    stub.world.openPull({ head: SHA('1') })
    for (let count = 0; count < 250; count += 1) stub.world.comment(1, { by: 'alice', body: `${count}` })
    await clock.advance(10_000)
    for (let count = 250; count < 400; count += 1) {
      stub.world.comment(1, { by: 'alice', body: `${count}` })
      await clock.advance(1_000)
    }
    const found = await github.commentsSince('2025-12-01T00:00:00Z', call)
    expect(found.map((comment) => comment.body)).toEqual(Array.from({ length: 400 }, (_, index) => `${index}`))
  })

  it('are all found where one in their middle was edited late', async () => {
    const { stub, github, clock } = await githubWorld()
    stub.world.openPull({ head: SHA('1') })
    const ids: number[] = []
    for (let count = 0; count < 250; count += 1) {
      ids.push(stub.world.comment(1, { by: 'alice', body: `${count}` }))
      await clock.advance(1_000)
    }
    stub.world.editComment(ids[99] ?? 0, 'edited')
    const found = await github.commentsSince('2025-12-01T00:00:00Z', call)
    expect(found.map((comment) => comment.id).toSorted()).toEqual(ids)
    expect(found.at(-1)?.body).toBe('edited')
  })
})

describe('permissions', () => {
  it('are what GitHub says; who is not known there has none', async () => {
    const { stub, github } = await githubWorld()
    stub.world.setPermission('alice', 'write')
    stub.world.setPermission('eve', 'read')
    expect(await github.permissionOf('Alice', call)).toBe('write')
    expect(await github.permissionOf('eve', call)).toBe('read')
    expect(await github.permissionOf('dependabot[bot]', call)).toBe('none')
    expect(await github.permissionOf('../../../user', call)).toBe('none')
  })

  it('are asked for again at each time: they may have been taken away', async () => {
    const { stub, github } = await githubWorld()
    stub.world.setPermission('alice', 'write')
    await github.permissionOf('alice', call)
    stub.world.setPermission('alice', 'none')
    expect(await github.permissionOf('alice', call)).toBe('none')
  })
})

describe('what is remembered for asking whether it changed', () => {
  it('is bounded: what was asked longest ago is asked anew', async () => {
    const { stub, clock } = await githubWorld()
    const known: string[] = []
    const long: typeof fetch = async (input, init) => {
      if (new Headers(init?.headers).has('if-none-match')) known.push(new URL(String(input)).pathname)
      const files = Array.from({ length: 22 }, () => ({ filename: 'x'.repeat(100_000) }))
      return new Response(JSON.stringify(files), { headers: { 'content-type': 'application/json', etag: '"1"' } })
    }
    const github = createGitHub(stub.settings(), { clock, fetch: long })
    for (const pull of [1, 2, 3, 2, 1]) await github.changedFiles(pull, call)
    expect(known).toEqual(['/repos/acme/fleet/pulls/2/files'])
  })
})

describe('what metrics are told', () => {
  it('requests by operation and status, and what is left of the rate limit', async () => {
    const { github, stub } = await githubWorld()
    await github.openPulls('main', call)
    await github.openPulls('main', call)
    stub.faults.plan({ fault: { kind: 'reset' } })
    await github.openPulls('main', call).catch(() => {})
    expect(Object.fromEntries(github.calls())).toEqual({
      'pulls/list 200': 1,
      'pulls/list 304': 1,
      'pulls/list error': 1,
    })
    expect(github.rateLimit()).toEqual({ remaining: 4999, resetAt: '2026-01-01T01:00:00.000Z' })
  })
})

describe('GitHub Enterprise', () => {
  it('has its API below a path, and its next pages there', async () => {
    const { stub, github } = await githubWorld({ base: '/api/v3' })
    for (let count = 0; count < 120; count += 1) stub.world.openPull({ head: SHA('1') })
    expect(await github.openPulls('main', call)).toHaveLength(120)
  })
})
