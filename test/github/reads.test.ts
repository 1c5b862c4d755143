import { describe, expect, it } from 'vitest'
import { createGitHub } from '../../src/github/create-github.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { githubForTest } from '../support/github-stub/github-for-test.ts'
import type { GitHubStubOptions } from '../support/github-stub/start-github.ts'

const SHA = (digit: string) => digit.repeat(40)
const signal = new AbortController().signal

async function world(options: GitHubStubOptions = {}) {
  const clock = createFakeClock({ auto: true })
  const stub = await githubForTest({ clock, ...options })
  const github = createGitHub(stub.settings(), { clock, fetch, timeoutMs: 2_000 })
  return { stub, github, clock }
}

describe('what is read from GitHub', () => {
  it('open pull requests to the tracked branch, with head, base and whether they come from a fork', async () => {
    const { stub, github } = await world()
    stub.world.pushTo('main', SHA('b'))
    stub.world.openPull({ head: SHA('1'), title: 'Web 2.0', author: 'alice', headRef: 'web' })
    stub.world.openPull({ head: SHA('2'), fork: true, draft: true })
    stub.world.openPull({ head: SHA('3'), base: 'elsewhere' })
    stub.world.close(stub.world.openPull({ head: SHA('4') }))
    expect(await github.openPulls('main', { signal })).toEqual([
      {
        number: 1,
        state: 'open',
        draft: false,
        title: 'Web 2.0',
        author: 'alice',
        head: { sha: SHA('1'), ref: 'web' },
        base: { sha: SHA('b'), ref: 'main' },
        fork: false,
      },
      expect.objectContaining({ number: 2, fork: true, draft: true }),
    ])
  })
})
