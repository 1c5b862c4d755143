import { describe, expect, it } from 'vitest'
import { githubWorld, SHA, status } from './github-world.ts'

describe('a commit status', () => {
  it('has its context, state and description', async () => {
    const { stub, say } = await githubWorld()
    expect(await say(status())).toEqual({ state: 'sent' })
    expect(stub.world.statusesOf(SHA('a'))).toEqual({
      'swarmkeeper/main/plan': { state: 'success', description: '2 changes' },
    })
  })

  it('is cut to what GitHub takes', async () => {
    const { stub, say } = await githubWorld()
    const sent = await say(status({ description: '🙂'.repeat(500), context: `swarmkeeper/main/${'x'.repeat(300)}` }))
    expect(sent).toEqual({ state: 'sent' })
    expect(stub.world.statuses[0]?.description).toBe(`${'🙂'.repeat(139)}…`)
  })

  it('that perhaps arrived is sent again only where it did not', async () => {
    const { stub, say, restarted } = await githubWorld()
    stub.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'repos/create-commit-status' })
    await say(status({ state: 'pending' }))
    await restarted().say(status({ state: 'pending' }), { perhapsSent: true })
    expect(stub.world.statuses).toHaveLength(1)
    await restarted().say(status({ state: 'success' }), { perhapsSent: true })
    expect(stub.world.statusesOf(SHA('a'))).toMatchObject({ 'swarmkeeper/main/plan': { state: 'success' } })
  })

  it('beyond a thousand of one commit and context is refused', async () => {
    const { stub, say } = await githubWorld()
    const { sha, context } = { sha: SHA('a'), context: 'swarmkeeper/main/plan' }
    for (let count = 0; count < 1000; count += 1) {
      stub.world.addStatus({ sha, context, state: 'pending', description: `${count}`, creator: 'fleet-bot' })
    }
    expect(await say(status())).toEqual({
      state: 'refused',
      message:
        'GitHub answered 422 to repos/create-commit-status: Validation Failed: This SHA and context has reached the maximum number of statuses.',
    })
  })

  it('of a commit that is not on GitHub is refused', async () => {
    const { say } = await githubWorld()
    expect(await say(status({ sha: 'abc' }))).toMatchObject({ state: 'refused' })
  })
})
