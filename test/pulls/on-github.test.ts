import { describe, expect, it } from 'vitest'
import { createGitHub } from '../../src/github/create-github.ts'
import { createGitHubSink } from '../../src/github/create-sink.ts'
import type { RevisionReport } from '../../src/model/revision-report.ts'
import { createOutbox, type SendingOutbox } from '../../src/outbox/outbox.ts'
import { thing } from '../support/fleet.ts'
import { githubForTest } from '../support/github-stub/github-for-test.ts'
import type { GitHubStub } from '../support/github-stub/start-github.ts'
import { type PullWorld, pullWorld } from './pull-world.ts'

interface OnGitHub {
  readonly world: PullWorld
  readonly stub: GitHubStub
  /** Says everything that waits to be said. */
  sent(): Promise<void>
  ours(pull: number): readonly string[]
}

/** The watcher, with the client, the outbox and the sink of the product, before a GitHub that checks every request. */
async function onGitHub(): Promise<OnGitHub> {
  const found: { stub?: GitHubStub; outbox?: SendingOutbox } = {}
  const world = await pullWorld({ web: [thing('a')] }, async ({ clock, store }) => {
    const stub = await githubForTest({ clock, login: 'app' })
    const github = createGitHub(stub.settings(), { clock, fetch, version: '1.2.3' })
    const sinks = [createGitHubSink({ github, install: 'test' })]
    const outbox = createOutbox({ store, clock, random: () => 0.5, sinks })
    Object.assign(found, { stub, outbox })
    return { hub: stub.world, github, outbox }
  })
  const { stub, outbox } = found
  if (!stub || !outbox) throw new Error('the outside was not made')
  const sent = async (): Promise<void> => {
    const stop = new AbortController()
    const running = outbox.run(stop.signal)
    while (outbox.depth() > 0) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    await running
  }
  const ours = (pull: number) =>
    stub.world.commentsOf(pull).flatMap((one) => (one.authorType === 'Bot' ? [one.body] : []))
  return { world, stub, sent, ours }
}

const reportOf = (revision: string): RevisionReport => ({
  revision,
  skipped: [],
  seenAt: '2026-01-01T00:00:00.000Z',
  apps: { web: { word: 'proven', diagnosis: [], unknown: 0 } },
  final: true,
})

describe('a pull request on GitHub', () => {
  it('has one comment from its opening to what became of it, a status on each head, and lines that are wrong', async () => {
    const { world, stub, sent, ours } = await onGitHub()
    const broken = world.head({ web: { problem: 'no such kind' } })
    const pull = stub.world.openPull({ head: broken, files: ['apps/web/all.yaml'] })
    await world.look()
    await sent()
    expect(stub.world.statusesOf(broken)).toMatchObject({ 'swarmkeeper/test/plan': { state: 'failure' } })
    expect(stub.world.checkRuns).toMatchObject([{ sha: broken, conclusion: 'failure' }])
    expect(stub.world.checkRuns[0]?.annotations).toHaveLength(1)

    const head = world.head({ web: [thing('a', { value: 2 })] })
    stub.world.push(pull, head)
    world.restart()
    await world.tick()
    await world.look()
    await sent()
    expect(stub.world.statusesOf(head)).toMatchObject({ 'swarmkeeper/test/plan': { state: 'success' } })
    expect(ours(pull)).toEqual([expect.stringContaining('prod/Thing/a')])

    const commit = await world.merge(pull, { web: [thing('a', { value: 2 })] })
    await world.look()
    world.watcher.revisionReported(reportOf(commit))
    await sent()
    expect(ours(pull)).toEqual([expect.stringContaining('proven')])
    expect(world.failures).toEqual([])
  })

  it('answers a command with one comment', async () => {
    const { world, stub, sent, ours } = await onGitHub()
    stub.world.setPermission('alice', 'write')
    const pull = stub.world.openPull({ head: world.head({ web: [thing('a', { value: 2 })] }) })
    await world.look()
    stub.world.comment(pull, { by: 'alice', body: '/swarmkeeper retry web' })
    stub.world.comment(pull, { by: 'mallory', body: '/swarmkeeper retry web' })
    await world.look()
    await sent()
    await world.look()
    await sent()
    expect(world.asked).toEqual(['retry web by github:alice'])
    expect(ours(pull)).toHaveLength(2)
  })

  it('costs an idle look two requests, which count on no rate limit', async () => {
    const { world, stub, sent } = await onGitHub()
    for (const value of [2, 3]) stub.world.openPull({ head: world.head({ web: [thing('a', { value })] }) })
    await world.look()
    await sent()
    // One sees our own comments, and from then on the other asks for what came after them.
    await world.look()
    await world.look()
    const { length } = stub.requests
    await world.look()
    await world.look()
    expect(stub.requests.slice(length).map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      'pulls/list 304',
      'issues/list-comments-for-repo 304',
      'pulls/list 304',
      'issues/list-comments-for-repo 304',
    ])
  })
})
