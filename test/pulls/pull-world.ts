import { createPlanPull } from '../../src/engine/plan-pull.ts'
import type { View } from '../../src/engine/view.ts'
import type { GitHub, PullRequest } from '../../src/model/github.ts'
import type { Loop } from '../../src/model/loop.ts'
import type { GitHubBody, Outbox } from '../../src/model/message.ts'
import type { FleetOutcome } from '../../src/model/outcome.ts'
import type { Problem } from '../../src/model/problem.ts'
import type { Snapshot } from '../../src/model/source.ts'
import { createPullWatcher, type PullWatcher } from '../../src/pulls/watch-pulls.ts'
import type { Collaborators } from '../../src/reconcile/engine.ts'
import { reconcileFleet } from '../../src/reconcile/fleet.ts'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { planApps } from '../../src/reconcile/plan-apps.ts'
import { createMemorySource, type MemorySource } from '../../src/source/memory.ts'
import { createFleet, desiredOf, type TestFleet, type Written } from '../support/fleet.ts'
import { createWorld, type StubPull, type World } from '../support/github-stub/world.ts'
import { createTestOutbox, type TestOutbox } from '../support/outbox.ts'

const signal = new AbortController().signal

/** App -> what it declares; a problem breaks it. */
export type Apps = Readonly<Record<string, readonly Written[] | { readonly problem: string }>>

/** A fleet, a repository that is merged for real, a GitHub without HTTP, and the watcher between them. */
export interface PullWorld {
  readonly fleet: TestFleet
  readonly source: MemorySource
  readonly hub: World
  readonly outbox: TestOutbox
  readonly engine: Collaborators
  /** What was asked of the loop: `rollback web by github:alice`. */
  readonly asked: string[]
  readonly failures: unknown[]
  watcher: PullWatcher
  github: GitHub
  loop: Pick<Loop, 'reconcile' | 'engine'>
  /** A commit on the tracked branch, seen by a look; `as` its id. */
  main(apps: Apps): Promise<string>
  /** Merged on GitHub as a commit with these, which then a look sees; gives the commit. */
  merge(pull: number, apps: Apps): Promise<string>
  /** A commit that follows another one, the tip by default. */
  head(apps: Apps, parent?: string): string
  /** A look at the fleet, as each tick takes it. */
  tick(): Promise<View>
  apply(): Promise<FleetOutcome>
  look(): Promise<void>
  /** Killed, and started again: the store is what is left. */
  restart(): void
  /** Newest comment of ours on a pull request. */
  comment(pull: number): string
  answers(pull: number): readonly string[]
}

const filesOf = (apps: Apps): Record<string, string> =>
  Object.fromEntries(Object.entries(apps).map(([app, written]) => [`apps/${app}/all.yaml`, JSON.stringify(written)]))

async function render({ files, blob }: Snapshot) {
  const read = async ({ path, oid }: { readonly path: string; readonly oid: string }) =>
    [path.split('/')[1] ?? '', JSON.parse((await blob(oid)).toString())] as const
  const all = await Promise.all([...files.values()].map(read))
  const problems = all.flatMap(([app, { problem }]): readonly Problem[] => {
    const position = { path: `apps/${app}/all.yaml`, line: 3, column: 1 }
    return problem ? [{ severity: 'error', position, pointer: '/x', message: problem, app }] : []
  })
  const fleet = Object.fromEntries(
    all.map(([app, written]) => [app, written.problem ? { resources: [], broken: true } : written]),
  )
  return { ...desiredOf(fleet), problems }
}

/** In place of a GitHub without HTTP and an outbox that only remembers. */
export interface Outside {
  readonly hub: World
  readonly github: GitHub
  readonly outbox: Outbox
}

export async function pullWorld(apps: Apps, outside?: (fleet: TestFleet) => Promise<Outside>): Promise<PullWorld> {
  const fleet = createFleet()
  const source = createMemorySource()
  const given = await outside?.(fleet)
  const hub = given?.hub ?? createWorld({ owner: 'acme', repo: 'fleet', clock: fleet.clock, tell: () => {} })
  const outbox = createTestOutbox()
  const asked: string[] = []
  const failures: unknown[] = []
  const engine: Collaborators = { ...fleet.collaborators(), source, render }
  let parent: string | undefined

  const push = (next: Apps): string => {
    const commit = source.commit(filesOf(next), { parents: parent === undefined ? [] : [parent] })
    parent = commit
    return commit
  }
  const tick = async (): Promise<View> => {
    const ask = { by: 'test', signal }
    const look = await lookAtFleet(engine, ask)
    const view = { install: 'test', store: fleet.store, look, planned: await planApps(engine, look, ask) }
    world.watcher.tipMoved(view)
    await world.watcher.settled()
    return view
  }
  const begin = (): PullWatcher =>
    createPullWatcher({
      github: world.github,
      loop: world.loop,
      source,
      planPull: createPlanPull(engine, render),
      outbox: given?.outbox ?? outbox,
      store: fleet.store,
      clock: fleet.clock,
      install: 'test',
      branch: 'main',
      signal,
      failed: (error) => failures.push(error),
    })
  const bodies = (): readonly GitHubBody[] => outbox.messages.map(({ body }) => body as GitHubBody)
  const world: PullWorld = {
    fleet,
    source,
    hub,
    outbox,
    engine,
    asked,
    failures,
    github: given?.github ?? gitHubOf(hub),
    loop: loopOf(asked),
    watcher: undefined as never,
    main: async (next) => {
      const commit = push(next)
      await tick()
      return commit
    },
    merge: async (pull, next) => {
      const commit = push(next)
      hub.merge(pull, commit)
      await tick()
      return commit
    },
    head: (next, before = parent) =>
      source.commit(filesOf(next), { branch: `side-${hub.pulls.size}`, parents: before === undefined ? [] : [before] }),
    tick,
    apply: () => reconcileFleet(engine, { by: 'test', signal }),
    look: async () => {
      await world.watcher.look({ signal })
      await world.watcher.settled()
    },
    restart: () => {
      world.watcher = begin()
    },
    comment: (pull) =>
      bodies().findLast((body) => body.type === 'comment' && body.pull === pull)?.['markdown' as never] ?? '',
    answers: (pull) =>
      bodies().flatMap((body) => (body.type === 'answer' && body.pull === pull ? [body.markdown] : [])),
  }
  world.watcher = begin()
  await world.main(apps)
  await world.apply()
  await world.tick()
  fleet.writes()
  return world
}

const readPull = ({ number, state, draft, title, author, head, base, fork, mergedAs }: StubPull): PullRequest => ({
  ...{ number, state, draft, title, author, head, base, fork },
  ...(mergedAs === undefined ? {} : { mergedAs }),
})

function gitHubOf(hub: World): GitHub {
  const pulls = () => [...hub.pulls.values()]
  return {
    openPulls: async (base) =>
      pulls()
        .filter((one) => one.state === 'open' && one.base.ref === base)
        .map(readPull),
    pull: async (number) => {
      const found = hub.pull(number)
      if (!found) throw new Error(`no pull request ${number}`)
      return readPull(found)
    },
    pullsOf: async (sha) =>
      pulls()
        .filter((one) => one.mergedAs === sha)
        .map(readPull),
    changedFiles: async (number) => hub.pull(number)?.files ?? [],
    commentsSince: async (since) =>
      hub.comments
        .filter(({ updatedAt }) => Date.parse(updatedAt) >= Date.parse(since))
        .map(({ number, ...comment }) => ({ ...comment, pull: number })),
    permissionOf: async (user) => hub.permissionOf(user) ?? 'none',
    ownLogin: async () => 'swarmkeeper[bot]',
    annotates: true,
    rateLimit: () => ({}),
    calls: () => new Map(),
  }
}

export const NOTHING: FleetOutcome = { revision: 'f'.repeat(40), stale: false, apps: [], problems: [] }

function loopOf(asked: string[]): Pick<Loop, 'reconcile' | 'engine'> {
  const did = async (what: string, by: string): Promise<FleetOutcome> => {
    asked.push(`${what} by ${by}`)
    return NOTHING
  }
  const engine: Partial<Loop['engine']> = {
    retry: ({ app, by }) => did(`retry ${app}`, by),
    rollback: ({ app, by }) => did(`rollback ${app}`, by),
  }
  return {
    engine: engine as Loop['engine'],
    reconcile: ({ by, retry, confirm, app, token }) =>
      did([...(retry ? ['retry'] : ['reconcile']), ...(app ? [app] : []), ...(confirm ?? []), token].join(' '), by),
  }
}
