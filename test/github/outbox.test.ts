import { describe, expect, it } from 'vitest'
import type { GitHubBody, Message, Sink } from '../../src/model/message.ts'
import type { Store } from '../../src/model/store.ts'
import { createOutbox } from '../../src/outbox/outbox.ts'
import { createQuickStore } from '../support/quick-store.ts'
import { type GitHubWorld, githubWorld, SHA, status } from './github-world.ts'

const messageOf = (body: GitHubBody, subject: string, final = true): Message => ({
  sink: 'github',
  subject,
  body,
  final,
})

const statusOf = (app: number, state: 'pending' | 'success' = 'success'): Message => {
  const context = `swarmkeeper/main/apply/app-${app}`
  return messageOf(status({ context, state }), `status:${SHA('a')}:${context}`, state !== 'pending')
}

/** Works until nothing is left, as the daemon does. */
async function work(store: Store, { clock }: Pick<GitHubWorld, 'clock'>, sink: Sink, put: readonly Message[] = []) {
  const outbox = createOutbox({ store, clock, random: () => 1, sinks: [sink] })
  outbox.put(put)
  const stop = new AbortController()
  const running = outbox.run(stop.signal)
  while (outbox.depth() > 0) await new Promise((resolve) => setImmediate(resolve))
  stop.abort()
  await running
}

describe('what is told to GitHub through the outbox', () => {
  it('is 200 statuses of one revision within every limit of GitHub, each once', async () => {
    const world = await githubWorld()
    const all = Array.from({ length: 200 }, (_, app) => statusOf(app))
    await work(createQuickStore(), world, world.sink, all)
    expect(world.stub.world.statuses).toHaveLength(200)
    expect(new Set(world.stub.world.statuses.map((one) => one.context)).size).toBe(200)
    expect(world.stub.limits).toMatchObject({ refusals: 0, ignored: 0 })
  })

  it('is not lost, and not said twice, while GitHub is down', async () => {
    const world = await githubWorld()
    world.stub.faults.plan({ fault: { kind: 'status', status: 503 }, times: 40 })
    await work(createQuickStore(), world, world.sink, [
      statusOf(1, 'pending'),
      messageOf({ type: 'answer', pull: world.stub.world.openPull({ head: SHA('1') }), markdown: 'done' }, 'answer:1'),
      statusOf(2),
    ])
    expect(world.clock.monotonic()).toBeGreaterThan(10 * 60_000)
    expect(world.stub.world.statuses.map((one) => one.context.slice(-5))).toEqual(
      expect.arrayContaining(['app-1', 'app-2']),
    )
    expect(world.stub.world.statuses).toHaveLength(2)
    expect(world.stub.world.comments).toHaveLength(1)
  })

  it('waits where a secondary limit is met in the middle, and goes on where it stopped', async () => {
    const world = await githubWorld()
    world.stub.faults.plan({ fault: { kind: 'secondary', seconds: 300 }, operation: 'repos/create-commit-status' })
    await work(
      createQuickStore(),
      world,
      world.sink,
      Array.from({ length: 20 }, (_, app) => statusOf(app)),
    )
    expect(world.stub.world.statuses).toHaveLength(20)
    expect(world.stub.limits).toMatchObject({ refusals: 1, ignored: 0 })
  })

  it.each(['before', 'after'] as const)(
    'arrives once although swarmkeeper was killed %s GitHub heard of it',
    async (when) => {
      const world = await githubWorld()
      const pull = world.stub.world.openPull({ head: SHA('1') })
      const store = createQuickStore()
      const put = [
        messageOf({ type: 'comment', pull, markdown: 'plan' }, `comment:${pull}`),
        messageOf({ type: 'answer', pull, markdown: 'done' }, 'answer:1'),
        statusOf(1),
      ]
      for (const message of put) {
        await killedWhile(world, store, { when, message })
        await work(store, world, world.restarted().sink)
      }
      expect(world.stub.world.comments.map((one) => one.body.split('\n')[1])).toEqual(['plan', 'done'])
      expect(world.stub.world.statuses).toHaveLength(1)
    },
  )
})

/** A process that ends while it sends: what it says then reaches no outbox. */
async function killedWhile(
  world: GitHubWorld,
  store: Store,
  { when, message }: { readonly when: 'before' | 'after'; readonly message: Message },
): Promise<void> {
  let reached = () => {}
  const killed = new Promise<void>((resolve) => {
    reached = resolve
  })
  const sink: Sink = {
    name: 'github',
    send: async (delivery, options) => {
      if (when === 'after') await world.sink.send(delivery, options)
      reached()
      return new Promise(() => {})
    },
  }
  const outbox = createOutbox({ store, clock: world.clock, random: () => 1, sinks: [sink] })
  outbox.put([message])
  void outbox.run(new AbortController().signal)
  await killed
}
