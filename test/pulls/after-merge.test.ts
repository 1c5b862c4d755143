import { describe, expect, it } from 'vitest'
import type { AppReport, RevisionReport } from '../../src/model/revision-report.ts'
import { thing } from '../support/fleet.ts'
import { type PullWorld, pullWorld } from './pull-world.ts'

const app = (word: AppReport['word'], more: Partial<AppReport> = {}): AppReport => ({
  word,
  diagnosis: [],
  unknown: 0,
  ...more,
})

const report = (
  revision: string,
  apps: RevisionReport['apps'],
  more: Partial<RevisionReport> = {},
): RevisionReport => ({
  revision,
  skipped: [],
  seenAt: '2026-01-01T00:00:00.000Z',
  apps,
  final: false,
  ...more,
})

interface Merging {
  readonly world: PullWorld
  readonly pull: number
  readonly commit: string
}

/** A pull request that was planned, and merged as `commit`. */
async function merging(): Promise<Merging> {
  const world = await pullWorld({ web: [thing('a')] })
  const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }) })
  await world.look()
  const commit = await world.merge(pull, { web: [thing('a', { value: 2 })] })
  return { world, pull, commit }
}

describe('after its merge, the comment of a pull request', () => {
  it('says how it goes: applied and baking, then proven, above the plan', async () => {
    const { world, pull, commit } = await merging()
    await world.look()
    world.watcher.revisionReported(report(commit, { web: app('applied') }))
    expect(world.comment(pull)).toContain('applied, baking')
    expect(world.comment(pull)).toContain('The plan before the merge')
    world.watcher.revisionReported(report(commit, { web: app('proven') }, { final: true }))
    expect(world.comment(pull)).toContain('proven')
    expect(world.comment(pull)).not.toContain('baking')
  })

  it('says why it was rolled back: reason, log, what runs now, what to do next', async () => {
    const { world, pull, commit } = await merging()
    await world.look()
    const failed = app('rolled-back', {
      reason: 'TaskFailed',
      message: 'exit code 1',
      todo: 'mend it and push',
      diagnosis: ['web.1: no such file'],
      running: { revision: 'a'.repeat(40), images: ['nginx@sha256:1234'] },
    })
    world.watcher.revisionReported(report(commit, { web: failed }, { final: true }))
    for (const text of ['TaskFailed', 'web.1: no such file', 'nginx@sha256:1234', 'mend it and push']) {
      expect(world.comment(pull)).toContain(text)
    }
  })

  it('finds the report that came before anybody said that it is merged, and one of before a restart', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }) })
    await world.look()
    const commit = 'a'.repeat(40)
    world.hub.merge(pull, commit)
    const kept = report(commit, { web: app('proven') }, { final: true })
    world.fleet.store.shelf<RevisionReport>('revision').put(commit, kept, kept.seenAt)
    world.watcher.revisionReported(kept)
    expect(world.comment(pull)).not.toContain('proven')
    world.restart()
    await world.look()
    expect(world.comment(pull)).toContain('proven')
  })

  it('of two merges within a minute, of which the newest alone was looked at, follows that one', async () => {
    const { world, pull, commit } = await merging()
    await world.look()
    const newest = report('b'.repeat(40), { web: app('proven') }, { skipped: [commit] })
    world.watcher.revisionReported(newest)
    expect(world.comment(pull)).toContain('proven')
  })

  it('says nothing new for the report of another commit', async () => {
    const { world, commit } = await merging()
    await world.look()
    const { length } = world.outbox.messages
    world.watcher.revisionReported(report('c'.repeat(40), { web: app('proven') }))
    expect(world.outbox.messages).toHaveLength(length)
    expect(commit).not.toBe('c'.repeat(40))
  })

  it('keeps the plan that was shown, also where the tip was looked at before GitHub', async () => {
    const { world, pull, commit } = await merging()
    world.watcher.revisionReported(report(commit, { web: app('proven') }))
    expect(world.comment(pull)).toContain('~ prod/Thing/a')
  })

  it('is told by the next look, where a kill came between the report and the comment', async () => {
    const { world, pull, commit } = await merging()
    await world.look()
    const kept = report(commit, { web: app('proven') }, { final: true })
    world.fleet.store.shelf<RevisionReport>('revision').put(commit, kept, kept.seenAt)
    world.restart()
    await world.look()
    expect(world.comment(pull)).toContain('proven')
    const { length } = world.outbox.messages
    await world.look()
    expect(world.outbox.messages).toHaveLength(length)
  })

  it('is no plan any more, whatever moves', async () => {
    const { world, pull, commit } = await merging()
    await world.look()
    world.watcher.revisionReported(report(commit, { web: app('proven') }))
    const said = world.comment(pull)
    await world.main({ web: [thing('a', { value: 9 })] })
    await world.look()
    expect(world.comment(pull)).toBe(said)
  })
})

describe('a pull request that is closed without a merge', () => {
  it('says so, once, and is planned again when it is opened again', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }) })
    await world.look()
    world.hub.close(pull)
    await world.look()
    expect(world.comment(pull)).toContain('Closed without a merge')
    const { length } = world.outbox.messages
    await world.look()
    expect(world.outbox.messages).toHaveLength(length)
    const opened = world.hub.pull(pull)
    if (opened) opened.state = 'open'
    await world.look()
    expect(world.comment(pull)).not.toContain('Closed')
  })

  it('is told nothing where it never had a comment', async () => {
    const world = await pullWorld({ web: [thing('a')] })
    const pull = world.hub.openPull({ head: world.head({ web: [] }), base: 'release' })
    world.watcher.nudge(pull)
    world.hub.close(pull)
    await world.look()
    expect(world.outbox.messages).toEqual([])
  })
})

describe('rule 13: what the plan had shown to go', () => {
  it('is known of the merge by its commit, and by its tree before GitHub was asked', async () => {
    const world = await pullWorld({ web: [thing('a'), thing('b')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a')] }) })
    await world.look()
    expect(world.watcher.shownPrunes('f'.repeat(40))).toBeUndefined()
    const { pull: ask } = world.github
    Object.assign(world.github, { pull: () => Promise.reject(new Error('502')) })
    const commit = await world.merge(pull, { web: [thing('a')] })
    expect(world.fleet.store.shelf<{ state: string }>('pull').get(String(pull))?.state).toBe('open')
    expect([...(world.watcher.shownPrunes(commit) ?? [])]).toEqual(['prod/Thing/b'])
    Object.assign(world.github, { pull: ask })
    await world.look()
    expect(world.fleet.store.shelf<{ state: string }>('pull').get(String(pull))?.state).toBe('merged')
    world.restart()
    expect([...(world.watcher.shownPrunes(commit) ?? [])]).toEqual(['prod/Thing/b'])
  })

  it('holds what nobody could see in the plan, until a person confirms it', async () => {
    const world = await pullWorld({ web: [thing('a'), thing('b')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a', { value: 2 }), thing('b')] }) })
    await world.look()
    // The merge is another tree than the plan: somebody resolved it by hand, and lost a document.
    await world.merge(pull, { web: [thing('a', { value: 2 })] })
    await world.look()
    Object.assign(world.engine, { shownPrunes: world.watcher.shownPrunes })
    const outcome = await world.apply()
    expect(outcome.apps[0]?.guards).toMatchObject([{ message: expect.stringContaining('had not shown') }])
    expect(world.fleet.spec('Thing/b')).toBeDefined()
    expect(world.fleet.spec('Thing/a')).toMatchObject({ value: 2 })
  })

  it('counts what the tip was about to remove by itself: everybody had been told of that', async () => {
    const world = await pullWorld({ web: [thing('a'), thing('b')], shop: [thing('s')] })
    await world.main({ web: [thing('a')], shop: [thing('s')] })
    const pull = world.hub.openPull({ head: world.head({ web: [thing('a')], shop: [thing('s', { value: 2 })] }) })
    await world.look()
    expect(world.comment(pull)).toContain('Not shown, for main brings it by itself: prod/Thing/b')
    const commit = await world.merge(pull, { web: [thing('a')], shop: [thing('s', { value: 2 })] })
    expect([...(world.watcher.shownPrunes(commit) ?? [])]).toEqual(['prod/Thing/b'])
  })

  it('counts what earlier merges had shown, and is no word on a commit that came from no pull request', async () => {
    const world = await pullWorld({ web: [thing('a'), thing('b'), thing('c')] })
    const first = world.hub.openPull({ head: world.head({ web: [thing('a'), thing('c')] }) })
    await world.look()
    await world.merge(first, { web: [thing('a'), thing('c')] })
    const second = world.hub.openPull({ head: world.head({ web: [thing('a')] }) })
    await world.look()
    const commit = await world.merge(second, { web: [thing('a')] })
    expect([...(world.watcher.shownPrunes(commit) ?? [])].sort()).toEqual(['prod/Thing/b', 'prod/Thing/c'])
    expect(world.watcher.shownPrunes(await world.main({ web: [] }))).toBeUndefined()
  })
})
