import { describe, expect, it } from 'vitest'
import { createGitHub } from '../../src/github/create-github.ts'
import type { GitHubBody, Sent } from '../../src/model/message.ts'
import { type GitHubWorld, githubWorld, NEVER, SHA, status } from './github-world.ts'

const call = { signal: NEVER }

/** As the outbox: waits where it is told to, and says it once more. */
async function sayAll({ say, clock }: GitHubWorld, bodies: readonly GitHubBody[]): Promise<readonly Sent[]> {
  const last: Sent[] = []
  for (const body of bodies) {
    let sent = await say(body)
    while (sent.state === 'later') {
      await clock.sleep(sent.waitMs ?? 1_000)
      sent = await say(body)
    }
    last.push(sent)
  }
  return last
}

describe('the primary limit', () => {
  it('when nothing is left, nothing is asked before it begins anew, and the wait is told', async () => {
    const { stub, github, clock, say } = await githubWorld({ limits: { primary: 2 } })
    await github.openPulls('main', call)
    await github.pull(1, call).catch(() => {})
    expect(github.rateLimit()).toEqual({ remaining: 0, resetAt: '2026-01-01T01:00:00.000Z' })
    await expect(github.openPulls('main', call)).rejects.toMatchObject({ reason: 'ReportUnreachable', retryable: true })
    expect(await say(status())).toMatchObject({ state: 'later', waitMs: 3_601_000 })
    expect(stub.requests).toHaveLength(2)
    await clock.sleep(3_601_000)
    expect(await say(status())).toEqual({ state: 'sent' })
    expect(stub.limits.refusals).toBe(0)
  })

  it('that somebody else used up with the same login is waited for, too', async () => {
    const { stub, say, clock } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'primary' } })
    const sent = await say(status())
    expect(sent).toMatchObject({ state: 'later', waitMs: 3_601_000 })
    expect(sent).not.toHaveProperty('perhaps')
    await clock.sleep(3_601_000)
    expect(await say(status())).toEqual({ state: 'sent' })
    expect(stub.limits.ignored).toBe(0)
  })

  it('is read by the clock of GitHub: that of this machine may be wrong', async () => {
    const { stub, clock } = await githubWorld({ limits: { primary: 1 } })
    const wrong = { ...clock, now: () => new Date(clock.now().getTime() + 7_200_000) }
    const github = createGitHub(stub.settings(), { clock: wrong, fetch })
    await github.openPulls('main', call)
    await expect(github.openPulls('main', call)).rejects.toMatchObject({ waitMs: 3_601_000 })
  })
})

describe('a secondary limit', () => {
  it('is waited for as long as GitHub says, with reads and writes alike', async () => {
    const { stub, github, say, clock } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'secondary', seconds: 37 } })
    expect(await say(status())).toMatchObject({ state: 'later', waitMs: 37_000 })
    await expect(github.openPulls('main', call)).rejects.toThrow(/left alone; in 37 s/)
    expect(await say(status())).toMatchObject({ state: 'later', waitMs: 37_000 })
    expect(stub.requests).toHaveLength(1)
    await clock.sleep(37_000)
    expect(await say(status())).toEqual({ state: 'sent' })
    expect(stub.limits.ignored).toBe(0)
  })

  it('that says not how long is waited for a minute, and each time in a row twice as long', async () => {
    const { stub, say, clock } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'secondary' }, times: 8 })
    const waits: unknown[] = []
    for (let count = 0; count < 8; count += 1) {
      const sent = await say(status())
      const waitMs = sent.state === 'later' ? (sent.waitMs ?? 0) : 0
      waits.push(waitMs / 60_000)
      await clock.sleep(waitMs)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
    expect(await say(status())).toEqual({ state: 'sent' })
    stub.faults.plan({ fault: { kind: 'secondary' } })
    expect(await say(status({ state: 'failure' }))).toMatchObject({ waitMs: 60_000 })
  })

  it('is told from a login that may not: that is refused, and holds up nothing', async () => {
    const { stub, say, github } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'status', status: 403, message: 'Resource not accessible by integration' } })
    expect(await say(status())).toMatchObject({ state: 'refused' })
    expect(await github.openPulls('main', call)).toEqual([])
  })
})

describe('a burst', () => {
  it('of 200 statuses stays within every limit of GitHub', async () => {
    const world = await githubWorld()
    const bodies = Array.from({ length: 200 }, (_, index) => status({ context: `swarmkeeper/main/apply/app-${index}` }))
    const began = world.clock.monotonic()
    const sent = await sayAll(world, bodies)
    expect(sent.every((one) => one.state === 'sent')).toBe(true)
    expect(world.stub.world.statuses).toHaveLength(200)
    expect(world.stub.limits).toMatchObject({ refusals: 0, ignored: 0 })
    // At 72 a minute.
    expect((world.clock.monotonic() - began) / 60_000).toBeLessThan(3)
  })

  it('of 600 waits for the hour to end', async () => {
    const world = await githubWorld()
    await sayAll(
      world,
      Array.from({ length: 600 }, (_, index) => status({ context: `swarmkeeper/main/apply/app-${index}` })),
    )
    expect(world.stub.world.statuses).toHaveLength(600)
    expect(world.stub.limits).toMatchObject({ refusals: 0, ignored: 0 })
    expect(world.clock.monotonic()).toBeGreaterThan(3_600_000)
  })

  it('of a few is sent at once', async () => {
    const world = await githubWorld()
    await sayAll(
      world,
      Array.from({ length: 12 }, (_, index) => status({ sha: SHA(index.toString(16)) })),
    )
    expect(world.clock.monotonic()).toBe(0)
  })

  it('of reads stays within the points of a minute; those beyond are told to come later', async () => {
    const { stub, clock } = await githubWorld()
    let asked = 0
    const empty: typeof fetch = async () => {
      asked += 1
      return new Response('[]', { headers: { 'content-type': 'application/json' } })
    }
    const github = createGitHub(stub.settings(), { clock, fetch: empty })
    const reads = await Promise.allSettled(Array.from({ length: 1_000 }, () => github.openPulls('main', call)))
    expect(asked).toBe(800)
    expect(reads.find((one) => one.status === 'rejected')?.reason).toMatchObject({
      reason: 'ReportUnreachable',
      waitMs: 60_000,
    })
  })
})
