import { describe, expect, it } from 'vitest'
import { githubWorld, NEVER, status } from './github-world.ts'

const call = { signal: NEVER }

describe('the login', () => {
  it('with a token is its user', async () => {
    const { github, stub } = await githubWorld()
    expect(await github.ownLogin(call)).toBe('fleet-bot')
    await github.ownLogin(call)
    expect(stub.requests).toHaveLength(1)
    expect(github.annotates).toBe(false)
  })

  it('as an App is its bot', async () => {
    const { github } = await githubWorld({ login: 'app' })
    expect(await github.ownLogin(call)).toBe('fleet-keeper[bot]')
    expect(github.annotates).toBe(true)
  })

  it('as an App takes one token for an hour, and another before it ends', async () => {
    const { stub, github, clock } = await githubWorld({ login: 'app' })
    await github.openPulls('main', call)
    await clock.advance(50 * 60_000)
    await github.openPulls('main', call)
    expect(stub.login.issued).toBe(1)
    await clock.advance(8 * 60_000)
    await github.openPulls('main', call)
    expect(stub.login.issued).toBe(2)
    expect(stub.requests.map((request) => request.status)).not.toContain(401)
  })

  it('as an App takes a new token where the one that it has was taken back', async () => {
    const { stub, github } = await githubWorld({ login: 'app' })
    await github.openPulls('main', call)
    stub.login.revoke()
    expect(await github.openPulls('main', call)).toEqual([])
    expect(stub.login.issued).toBe(2)
  })

  it('that is refused is said, and what is to be told waits for its being mended', async () => {
    const { stub, github, say } = await githubWorld()
    stub.login.revoke()
    await expect(github.openPulls('main', call)).rejects.toMatchObject({ reason: 'ReportRefused', status: 401 })
    expect(await say(status())).toEqual({
      state: 'later',
      message: 'GitHub answered 401 to repos/create-commit-status: Bad credentials',
      waitMs: 300_000,
    })
  })

  it('that could not be asked for is asked for again', async () => {
    const { stub, github } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'status', status: 502 } })
    await expect(github.ownLogin(call)).rejects.toMatchObject({ reason: 'ReportUnreachable', retryable: true })
    expect(await github.ownLogin(call)).toBe('fleet-bot')
  })
})
