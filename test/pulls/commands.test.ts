import { describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import { thing } from '../support/fleet.ts'
import { NOTHING, type PullWorld, pullWorld } from './pull-world.ts'

interface Asking {
  readonly world: PullWorld
  readonly pull: number
  say(body: string, by?: string): number
}

/** A planned pull request, and people: alice may write, bob may read. */
async function asking(): Promise<Asking> {
  const world = await pullWorld({ web: [thing('a')] })
  world.hub.setPermission('alice', 'write')
  world.hub.setPermission('root', 'admin')
  world.hub.setPermission('bob', 'read')
  const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }) })
  await world.look()
  await world.fleet.clock.advance(60_000)
  return { world, pull, say: (body, by = 'alice') => world.hub.comment(pull, { by, body }) }
}

async function merged(): Promise<Asking> {
  const all = await asking()
  await all.world.merge(all.pull, { web: [thing('a', { value: 2 })] })
  return all
}

describe('a comment that asks for something', () => {
  it.each([
    ['/swarmkeeper reconcile', /^reconcile comment:\d+ by github:alice$/],
    ['/swarmkeeper retry', /^retry comment:\d+ by github:alice$/],
    ['/swarmkeeper retry web', /^retry web by github:alice$/],
    ['/swarmkeeper rollback web', /^rollback web by github:alice$/],
    ['/swarmkeeper confirm prune:web:1a2b3c4d', /^reconcile prune:web:1a2b3c4d comment:\d+ by github:alice$/],
  ])('%s is done in the name of who said it, once, and answered once', async (body, done) => {
    const { world, pull, say } = await merged()
    const id = say(body)
    await world.look()
    expect(world.asked).toEqual([expect.stringMatching(done)])
    expect(world.answers(pull)).toHaveLength(1)
    expect(world.outbox.messages.at(-1)?.subject).toBe(`answer:${id}`)
    await world.look()
    world.restart()
    await world.look()
    expect(world.asked).toHaveLength(1)
    expect(world.answers(pull)).toHaveLength(1)
  })

  it('a plan is made again by the head and tip of now', async () => {
    const { world, pull, say } = await asking()
    const { length } = world.outbox.messages
    say('/swarmkeeper plan')
    world.watcher.commented()
    await world.watcher.settled()
    expect(world.outbox.messages.slice(length).map(({ subject }) => subject.split(':')[0])).toEqual([
      'status',
      'comment',
      'answer',
    ])
    expect(world.answers(pull)[0]).toContain('planned again')
  })

  it('is told what came of it, app by app, with nothing in it that steers GitHub', async () => {
    const { world, pull, say } = await merged()
    const app = {
      app: 'web',
      revision: 'a'.repeat(40),
      outcome: 'rolled-back',
      message: '@all </details> <!-- swarmkeeper:test:plan -->',
      todo: 'push',
      steps: [],
      diagnosis: [],
      guards: [],
    } as const
    world.loop = { ...world.loop, reconcile: async () => ({ ...NOTHING, apps: [app] }) }
    world.restart()
    say('/swarmkeeper reconcile')
    await world.look()
    expect(world.answers(pull)[0]).toContain('**web**: Rolled back')
    expect(world.answers(pull)[0]).not.toMatch(/@all|<\/details>|<!--/)
  })

  it('is told where an app stays, which is not what the revision declares, though nothing was to be done', async () => {
    const { world, pull, say } = await merged()
    const [app, other] = ['web', 'shop'].map((name) => ({
      app: name,
      revision: 'a'.repeat(40),
      outcome: 'unchanged' as const,
      steps: [],
      diagnosis: [],
      guards: [],
      departures: [
        {
          why: 'pinned' as const,
          ids: [],
          revision: 'b'.repeat(40),
          message: 'the disk is full',
          by: 'github:alice',
          at: '2026-01-01T00:00:00.000Z',
          todo: `swarmkeeper unpin ${name}`,
        },
      ],
    }))
    const outcome = { ...NOTHING, apps: [app, other].flatMap((one) => (one ? [one] : [])) }
    world.loop = { ...world.loop, engine: { ...world.loop.engine, rollback: async () => outcome } }
    world.restart()
    say('/swarmkeeper rollback web')
    await world.look()
    expect(world.answers(pull)[0]).toMatch(/\*\*web\*\*: pinned by github:alice to b{12}.*next: swarmkeeper unpin web/)
    expect(world.answers(pull)[0]).not.toMatch(/everything is as|shop/)
  })

  it('is told why it could not be done', async () => {
    const { world, pull, say } = await merged()
    const error = new ReconcileError('NotFound', { message: "no app 'web'", todo: 'there are: shop' })
    world.loop = { ...world.loop, reconcile: () => Promise.reject(error) }
    world.restart()
    say('/swarmkeeper reconcile')
    await world.look()
    expect(world.answers(pull)[0]).toMatch(/not done: no app 'web'; there are: shop/)
  })

  it('is told how to ask where it is no command, or several', async () => {
    const { world, pull, say } = await asking()
    say('/swarmkeeper deploy')
    say('/swarmkeeper plan\n/swarmkeeper reconcile')
    await world.look()
    expect(world.answers(pull)).toEqual([
      expect.stringContaining('no command'),
      expect.stringMatching(/^One command in a comment/),
    ])
    expect(world.asked).toEqual([])
  })

  it('that was heard before a kill is done after it, also where GitHub did not answer at first', async () => {
    const { world, say } = await merged()
    const { pull: whole } = world.github
    world.github = { ...world.github, pull: () => Promise.reject(new Error('502')) }
    world.restart()
    say('/swarmkeeper reconcile')
    await world.look()
    expect(world.asked).toEqual([])
    world.github = { ...world.github, pull: whole }
    world.restart()
    await world.look()
    expect(world.asked).toHaveLength(1)
  })

  it('that was broken off by a stop is begun again by the next start, and is not answered twice', async () => {
    const { world, pull, say } = await merged()
    const loop = world.loop
    const aborted = new ReconcileError('Aborted', { message: 'stopping' })
    world.loop = { ...loop, reconcile: () => Promise.reject(aborted) }
    world.restart()
    say('/swarmkeeper reconcile')
    await world.look()
    expect(world.answers(pull)).toEqual([])
    world.loop = loop
    world.restart()
    await world.look()
    expect(world.asked).toHaveLength(1)
    expect(world.answers(pull)).toHaveLength(1)
  })

  it('a rollback whose pin was set before a kill is not decided a second time', async () => {
    const { world, pull, say } = await merged()
    const { loop, fleet } = world
    const pinned = new Promise<void>((resolve) => {
      const rollback: typeof loop.engine.rollback = ({ app, by }) => {
        const at = fleet.clock.now().toISOString()
        fleet.store.putApp({ ...fleet.store.app(app), pin: { revision: 'a'.repeat(40), at, by, reason: '' } })
        resolve()
        return new Promise(() => {})
      }
      world.loop = { ...loop, engine: { ...loop.engine, rollback } }
    })
    world.restart()
    say('/swarmkeeper rollback web')
    await world.watcher.look({ signal: new AbortController().signal })
    await pinned
    world.loop = loop
    world.restart()
    await world.look()
    expect(world.asked).toEqual([expect.stringMatching(/^reconcile web comment:\d+ by github:alice$/)])
    expect(world.answers(pull)).toHaveLength(1)
  })

  it('is heard, although GitHub does not tell who another author is', async () => {
    const { world, say } = await merged()
    const { permissionOf } = world.github
    Object.assign(world.github, {
      permissionOf: (...args: Parameters<typeof permissionOf>) =>
        args[0] === 'eve' ? Promise.reject(new Error('500')) : permissionOf(...args),
    })
    say('/swarmkeeper reconcile', 'eve')
    say('/swarmkeeper reconcile', 'alice')
    await expect(world.look()).rejects.toThrow('500')
    await world.watcher.settled()
    expect(world.asked).toHaveLength(1)
  })

  it('on a pull request that was merged before it was ever planned is done, but for a confirmation', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    world.hub.setPermission('alice', 'write')
    world.restart()
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }) })
    await world.look()
    world.hub.merge(pull, 'a'.repeat(40))
    world.hub.comment(pull, { by: 'alice', body: '/swarmkeeper retry web' })
    world.hub.comment(pull, { by: 'alice', body: '/swarmkeeper confirm prune:web:1a2b3c4d' })
    await world.look()
    expect(world.asked).toEqual(['retry web by github:alice'])
    expect(world.answers(pull)).toEqual([expect.anything(), expect.stringContaining('never planned')])
  })

  it('keeps no look from its end while it is done', async () => {
    const { world, pull, say } = await merged()
    let end: (outcome: typeof NOTHING) => void = () => {}
    const promise = new Promise<typeof NOTHING>((resolve) => {
      end = resolve
    })
    world.loop = { ...world.loop, reconcile: () => promise }
    world.restart()
    say('/swarmkeeper reconcile')
    await world.watcher.look({ signal: new AbortController().signal })
    expect(world.answers(pull)).toEqual([])
    end(NOTHING)
    await world.watcher.settled()
    expect(world.answers(pull)).toHaveLength(1)
  })
})

describe('SEC-13: nothing is done, and nothing answered', () => {
  it.each<readonly [string, (all: Asking) => void]>([
    ['to a user who may only read', ({ say }) => void say('/swarmkeeper reconcile', 'bob')],
    ['to a stranger', ({ say }) => void say('/swarmkeeper reconcile', 'mallory')],
    ['to a user without a name (SEC-26)', ({ say }) => void say('/swarmkeeper reconcile', ' ')],
    [
      'to a bot, whatever it may',
      ({ world, pull }) => {
        world.hub.setPermission('ci[bot]', 'admin')
        world.hub.comment(pull, { by: 'ci[bot]', body: '/swarmkeeper reconcile', bot: true })
      },
    ],
    [
      'to our own comment, in whatever letters',
      ({ world, say }) => {
        world.hub.setPermission('Swarmkeeper[bot]', 'admin')
        say('/swarmkeeper reconcile', 'Swarmkeeper[bot]')
      },
    ],
    ['to a quote', ({ say }) => void say('> /swarmkeeper reconcile')],
    ['to code', ({ say }) => void say('```\n/swarmkeeper reconcile\n```')],
  ])('%s', async (_whom, comment) => {
    const all = await merged()
    comment(all)
    await all.world.look()
    expect(all.world.asked).toEqual([])
    expect(all.world.answers(all.pull)).toEqual([])
  })

  it('to a comment that was edited, before it was read or after', async () => {
    const { world, pull, say } = await merged()
    const late = say('just a word')
    await world.look()
    const early = say('just a word')
    await world.fleet.clock.advance(5_000)
    world.hub.editComment(late, '/swarmkeeper reconcile')
    world.hub.editComment(early, '/swarmkeeper reconcile')
    await world.look()
    expect(world.asked).toEqual([])
    expect(world.answers(pull)).toEqual([])
  })

  it('to what was said before swarmkeeper was ever started', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    world.hub.setPermission('alice', 'write')
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }) })
    await world.look()
    const said = world.hub.comment(pull, { by: 'alice', body: '/swarmkeeper plan' })
    const old = world.hub.comments.find(({ id }) => id === said)
    const at = '2025-12-31T23:59:00Z'
    if (old) Object.assign(old, { createdAt: at, updatedAt: at })
    await world.look()
    expect(world.answers(pull)).toEqual([])
  })
})

describe('SEC-12: what is asked for is refused, and told why', () => {
  it.each([
    '/swarmkeeper reconcile',
    '/swarmkeeper retry web',
    '/swarmkeeper rollback web',
    '/swarmkeeper confirm prune:web:1a2b3c4d',
  ])('%s, when the head is another one than the plan was of', async (body) => {
    const { world, pull, say } = await asking()
    say(body)
    world.hub.push(pull, world.head({ web: [thing('a', { value: 666 })] }))
    await world.look()
    expect(world.asked).toEqual([])
    expect(world.answers(pull)).toEqual([expect.stringContaining('say it again')])
  })

  it('when the plan of the new head was made after the comment', async () => {
    const { world, pull, say } = await asking()
    say('/swarmkeeper rollback web')
    await world.fleet.clock.advance(5_000)
    world.hub.push(pull, world.head({ web: [thing('a', { value: 666 })] }))
    world.watcher.nudge(pull)
    await world.watcher.settled()
    await world.look()
    expect(world.asked).toEqual([])
    expect(world.answers(pull)).toEqual([expect.stringContaining('after you wrote')])
  })

  it('when another head was merged than the one that was planned', async () => {
    const { world, pull, say } = await asking()
    world.hub.push(pull, world.head({ web: [thing('a', { value: 666 })] }))
    await world.merge(pull, { web: [thing('a', { value: 666 })] })
    say('/swarmkeeper confirm prune:web:1a2b3c4d')
    await world.look()
    expect(world.asked).toEqual([])
    expect(world.answers(pull)).toEqual([expect.stringContaining('its plan is of')])
  })

  it('when it leads to another branch now', async () => {
    const { world, pull, say } = await asking()
    const moved = world.hub.pull(pull)
    if (moved) Object.assign(moved, { base: { ref: 'release', sha: moved.base.sha } })
    say('/swarmkeeper rollback web')
    await world.look()
    expect(world.asked).toEqual([])
    expect(world.answers(pull)).toEqual([expect.stringContaining('does not lead to the tracked branch')])
  })

  it('a confirmation before the merge: its guards hold nothing yet', async () => {
    const { world, pull, say } = await asking()
    say('/swarmkeeper confirm prune:web:1a2b3c4d')
    await world.look()
    expect(world.asked).toEqual([])
    expect(world.answers(pull)).toEqual([expect.stringContaining('after the merge')])
  })

  it('on a pull request that was closed', async () => {
    const { world, pull, say } = await asking()
    world.hub.close(pull)
    say('/swarmkeeper rollback web')
    await world.look()
    expect(world.asked).toEqual([])
    expect(world.answers(pull)).toEqual([expect.stringContaining('closed without a merge')])
  })
})
