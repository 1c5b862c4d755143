import { describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import type { GitHubBody } from '../../src/model/message.ts'
import { thing } from '../support/fleet.ts'
import { pullWorld } from './pull-world.ts'

const PLAN = 'swarmkeeper/test/plan'

describe('an open pull request', () => {
  it('gets a status and a comment with its plan, and nothing is written anywhere', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const head = world.head({ web: [thing('a', { value: 2 })] })
    const pull = world.hub.openPull({ head })
    await world.look()
    expect(world.outbox.statuses(head)).toEqual({ [PLAN]: 'success: 1 to change (1 restarts)' })
    expect(world.comment(pull)).toContain('prod/Thing/a')
    expect(world.fleet.writes()).toEqual([])
    expect(world.failures).toEqual([])
  })

  it('is planned once as long as nothing moves, and by a nudge as by a look', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }) })
    world.watcher.nudge(pull)
    await world.watcher.settled()
    const { length } = world.outbox.messages
    expect(length).toBe(2)
    await world.look()
    await world.tick()
    world.watcher.nudge(pull)
    world.restart()
    await world.look()
    await world.tick()
    expect(world.outbox.messages).toHaveLength(length)
  })

  it('is planned again when something is pushed to it: the same comment, the status of the new head', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const first = world.head({ web: { problem: 'no such kind' } })
    const pull = world.hub.openPull({ head: first })
    await world.look()
    expect(world.outbox.statuses(first)[PLAN]).toMatch(/^failure: /)
    const second = world.head({ web: [thing('a', { value: 3 })] })
    world.hub.push(pull, second)
    await world.look()
    expect(world.outbox.statuses(second)[PLAN]).toBe('success: 1 to change (1 restarts)')
    expect(world.comment(pull)).toContain(second.slice(0, 7))
    const subjects = world.outbox.messages.filter(({ subject }) => subject.startsWith('comment:'))
    expect(new Set(subjects.map(({ subject }) => subject))).toEqual(new Set([`comment:${pull}`]))
  })

  it('SEC-12: a force-push to the same tree is another head, and is planned anew', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const apps = { web: [thing('a', { value: 2 })] }
    const pull = world.hub.openPull({ head: world.head(apps) })
    await world.look()
    const other = world.head(apps)
    world.hub.push(pull, other)
    await world.look()
    expect(world.outbox.statuses(other)).toHaveProperty([PLAN])
  })

  it('is planned again when the tip moves: a stale branch shows no phantom reverts', async () => {
    const world = await pullWorld({ web: [thing('a')], shop: [thing('s')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })], shop: [thing('s')] }) })
    await world.look()
    await world.main({ web: [thing('a')], shop: [thing('s', { value: 7 })] })
    expect(world.comment(pull)).toContain('Not shown, for main brings it by itself: prod/Thing/s')
    expect(world.comment(pull)).toContain('~ prod/Thing/a')
    expect(world.comment(pull)).not.toContain('~ prod/Thing/s')
    await world.apply()
    await world.main({ web: [thing('a')], shop: [thing('s', { value: 7 })], third: [] })
    expect(world.comment(pull)).not.toContain('prod/Thing/s')
  })

  it('that conflicts with the tip fails with the files', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const head = world.head({ web: [thing('a', { value: 2 })] })
    await world.main({ web: [thing('a', { value: 3 })] })
    const pull = world.hub.openPull({ head })
    await world.look()
    expect(world.outbox.statuses(head)[PLAN]).toBe('failure: it conflicts with main: apps/web/all.yaml')
    expect(world.comment(pull)).toContain('No plan')
  })

  it('is told of the tip once it could be looked at', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const head = world.head({ web: [thing('a', { value: 2 })] })
    world.hub.openPull({ head })
    world.restart()
    await world.look()
    expect(world.outbox.messages).toEqual([])
    await world.tick()
    expect(world.outbox.statuses(head)).toHaveProperty([PLAN])
  })

  it('of a fork says what it is compared with', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }), fork: true })
    await world.look()
    expect(world.comment(pull)).toContain('From a fork')
  })

  it('names what is new and not observed', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a'), thing('n')] }) })
    await world.look()
    expect(world.comment(pull)).toContain('New, not observed: prod/Thing/n')
  })

  it('gets annotations on changed files alone, and they are taken back when nothing is wrong any more', async () => {
    const world = await pullWorld({ web: [thing('a')], shop: [thing('s')] })
    const broken = { web: { problem: 'no such kind' }, shop: { problem: 'nor here' } }
    const head = world.head(broken)
    const pull = world.hub.openPull({ head, files: ['apps/web/all.yaml'] })
    await world.look()
    const lines = () =>
      world.outbox.messages.flatMap(({ body }) => {
        const said = body as GitHubBody
        return said.type === 'annotations' ? [said] : []
      })
    expect(lines()).toMatchObject([
      {
        sha: head,
        conclusion: 'failure',
        annotations: [{ path: 'apps/web/all.yaml', line: 3, level: 'failure', message: 'no such kind' }],
      },
    ])
    world.hub.push(pull, world.head({ web: [thing('a')], shop: [thing('s')] }))
    await world.look()
    expect(lines()).toHaveLength(1)
  })

  it('keeps no other from its plan while it cannot be read, and is planned when it can', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const heads = [2, 3].map((value) => world.head({ web: [thing('a', { value })] }))
    for (const head of heads) world.hub.openPull({ head })
    world.source.failNext(1)
    await world.look()
    expect(world.failures).toMatchObject([{ reason: 'SourceUnreachable' }])
    expect(heads.map((head) => Object.keys(world.outbox.statuses(head)).length)).toEqual([0, 1])
    await world.look()
    expect(heads.map((head) => Object.keys(world.outbox.statuses(head)).length)).toEqual([1, 1])
  })

  it('is planned by what is known of it while GitHub is down, and the look says that it failed', async () => {
    const world = await pullWorld({ web: [thing('a')], shop: [thing('s')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })], shop: [thing('s')] }) })
    await world.look()
    world.github = {
      ...world.github,
      openPulls: () => Promise.reject(new ReconcileError('ReportUnreachable', { message: '502', retryable: true })),
    }
    world.restart()
    const tip = await world.main({ web: [thing('a')], shop: [thing('s', { value: 7 })] })
    expect(world.comment(pull)).toContain(tip.slice(0, 7))
    await expect(world.look()).rejects.toMatchObject({ reason: 'ReportUnreachable' })
  })
})

describe('a pull request that GitHub does not show any more', () => {
  it('keeps no other from its plan', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const gone = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }) })
    await world.look()
    const hidden = world.hub.pull(gone)
    if (hidden) hidden.state = 'closed'
    const refused = new ReconcileError('ReportRefused', { message: '404' })
    Object.assign(world.github, { pull: () => Promise.reject(refused) })
    const head = world.head({ web: [thing('a', { value: 3 })] })
    world.hub.openPull({ head })
    await world.look()
    expect(world.outbox.statuses(head)).toHaveProperty([PLAN])
    expect(world.failures).toEqual([])
  })
})

describe('a group of the merge queue', () => {
  it('gets the plan status on its head, over a kill, and once', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const head = world.head({ web: [thing('a', { value: 2 })] })
    world.source.failNext(1)
    world.watcher.mergeGroup(head, 'main')
    await world.watcher.settled()
    expect(world.outbox.statuses(head)).toEqual({})
    world.restart()
    await world.tick()
    expect(world.outbox.statuses(head)[PLAN]).toBe('success: 1 to change (1 restarts)')
    const { length } = world.outbox.messages
    await world.look()
    expect(world.outbox.messages).toHaveLength(length)
  })

  it('of another branch, or one that is gone, is left alone', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    world.watcher.mergeGroup(world.head({ web: [thing('b')] }), 'release')
    world.watcher.mergeGroup('e'.repeat(40), 'main')
    await world.look()
    expect(world.outbox.messages).toEqual([])
    expect(world.failures).toEqual([])
  })
})
