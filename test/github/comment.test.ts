import { describe, expect, it } from 'vitest'
import type { GitHubBody } from '../../src/model/message.ts'
import { githubWorld, SHA } from './github-world.ts'

const MARKER = '<!-- swarmkeeper:main:plan -->'
const comment = (markdown: string): GitHubBody => ({ type: 'comment', pull: 1, markdown })
const answer = (markdown: string): GitHubBody => ({ type: 'answer', pull: 1, markdown })

async function pullWorld(login: 'token' | 'app' = 'token') {
  const world = await githubWorld({ login })
  world.stub.world.openPull({ head: SHA('1') })
  return { ...world, bodies: () => world.stub.world.commentsOf(1).map((one) => one.body) }
}

/** Somebody talks a lot before us: what is ours is on a later page. */
function talk(world: Awaited<ReturnType<typeof pullWorld>>, count = 250): void {
  for (let index = 0; index < count; index += 1) world.stub.world.comment(1, { by: 'alice', body: `remark ${index}` })
}

describe('the sticky comment', () => {
  it.each(['token', 'app'] as const)('is written once and edited in place from then on, with %s', async (login) => {
    const { say, bodies } = await pullWorld(login)
    const first = await say(comment('plan one'))
    expect(first).toEqual({ state: 'sent', ref: expect.stringMatching(/^\d+$/) })
    const { ref = '' } = first as { ref?: string }
    expect(await say(comment('plan two'), { before: ref })).toEqual({ state: 'sent', ref })
    expect(bodies()).toEqual([`${MARKER}\nplan two`])
  })

  it('is found by its marker on whatever page where the outbox lost its id', async () => {
    const world = await pullWorld()
    talk(world)
    await world.say(comment('plan one'))
    talk(world)
    await world.restarted().say(comment('plan two'))
    expect(world.bodies().filter((body) => body.startsWith(MARKER))).toEqual([`${MARKER}\nplan two`])
  })

  it('is one comment although we were killed between sending and writing it down', async () => {
    const { stub, say, restarted, bodies } = await pullWorld()
    stub.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'issues/create-comment' })
    expect(await say(comment('plan one'))).toMatchObject({ state: 'later', perhaps: true })
    await restarted().say(comment('plan one'), { attempts: 1, perhapsSent: true })
    expect(bodies()).toEqual([`${MARKER}\nplan one`])
  })

  it('is written anew where somebody deleted it', async () => {
    const { stub, say, bodies } = await pullWorld()
    const { ref = '' } = (await say(comment('plan one'))) as { ref?: string }
    stub.world.deleteComment(Number(ref))
    const second = await say(comment('plan two'), { before: ref })
    expect(second).toMatchObject({ state: 'sent' })
    expect(second).not.toMatchObject({ ref })
    expect(bodies()).toEqual([`${MARKER}\nplan two`])
  })

  it('is not the one that somebody else wrote with our marker in it', async () => {
    const { stub, say, bodies } = await pullWorld()
    // We may edit it.
    stub.world.setPermission('fleet-bot', 'admin')
    stub.world.comment(1, { by: 'mallory', body: `${MARKER}\nall is well` })
    await say(comment('plan'))
    expect(bodies()).toEqual([`${MARKER}\nall is well`, `${MARKER}\nplan`])
  })

  it('is not another of ours that quotes a marker of the repository', async () => {
    const { stub, say, bodies } = await pullWorld()
    stub.world.comment(1, { by: 'fleet-bot', body: `A file says:\n${MARKER}\nplan` })
    await say(comment('plan'))
    expect(bodies()).toHaveLength(2)
  })

  it('is not that of another install', async () => {
    const { stub, say, bodies } = await pullWorld()
    stub.world.comment(1, { by: 'fleet-bot', body: '<!-- swarmkeeper:other:plan -->\nplan of other' })
    await say(comment('plan'))
    expect(bodies()).toHaveLength(2)
  })

  it('that another login wrote before is left, and one of our own is written', async () => {
    const { stub, say, bodies } = await pullWorld()
    const before = stub.world.comment(1, { by: 'former-bot', body: `${MARKER}\nold` })
    await say(comment('plan'), { before: String(before) })
    expect(bodies()).toEqual([`${MARKER}\nold`, `${MARKER}\nplan`])
  })

  it('keeps its marker, and a length that GitHub takes, whatever it is to say', async () => {
    const { say, bodies } = await pullWorld()
    const sent = await say(comment(`<details>\n\n\`\`\`diff\n${'+ a line of the diff\n'.repeat(10_000)}`))
    expect(sent).toMatchObject({ state: 'sent' })
    const [body = ''] = bodies()
    expect(body.startsWith(MARKER)).toBe(true)
    expect(body).toMatch(/\n```\n\n<\/details>\n\n_Cut here.*_$/)
  })

  it('on a pull request that is gone is refused', async () => {
    const { say } = await pullWorld()
    expect(await say({ type: 'comment', pull: 99, markdown: 'plan' })).toMatchObject({ state: 'refused' })
  })

  it('is not written where it cannot be known whether it is there', async () => {
    const { stub, say, bodies } = await pullWorld()
    stub.faults.plan({ fault: { kind: 'status', status: 500 }, operation: 'issues/list-comments' })
    expect(await say(comment('plan'))).toMatchObject({ state: 'later' })
    expect(bodies()).toEqual([])
  })
})

describe('the answer to a command', () => {
  it('is a comment of its own, each', async () => {
    const { say, bodies } = await pullWorld()
    await say(answer('done'), { id: 'm1' })
    await say(answer('done'), { id: 'm2' })
    expect(bodies()).toEqual(['<!-- swarmkeeper:main:answer:m1 -->\ndone', '<!-- swarmkeeper:main:answer:m2 -->\ndone'])
  })

  it('is there once although its arrival was not heard of', async () => {
    const { stub, say, restarted, bodies } = await pullWorld()
    stub.faults.plan({ fault: { kind: 'lost-answer' } })
    await say(answer('done'))
    expect(await restarted().say(answer('done'), { attempts: 1, perhapsSent: true })).toMatchObject({ state: 'sent' })
    expect(bodies()).toHaveLength(1)
  })

  it('is not what the sticky comment is found by', async () => {
    const { say, bodies } = await pullWorld()
    await say(answer('done'))
    await say(comment('plan'))
    expect(bodies()).toHaveLength(2)
  })
})
