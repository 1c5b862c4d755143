import { describe, expect, test } from 'vitest'
import type { Explanation, ResourceView } from '../../src/model/engine.ts'
import type { Departure } from '../../src/model/outcome.ts'
import type { Change } from '../../src/model/plan.ts'
import { explanationJson, planJson, resourceJson } from '../../src/report/json.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderExplanation } from '../../src/report/render-explanation.ts'
import { renderPlan } from '../../src/report/render-plan.ts'
import { renderResource } from '../../src/report/render-resource.ts'
import { appPlan, create, fleetPlan, id, image, REVISION, text, update, wanted } from './samples.ts'

const web = id('Service', 'web')
const at = '2026-03-01T03:00:00Z'
const explained = (rest: Partial<Explanation>): string =>
  text(
    renderExplanation(
      {
        id: web,
        app: 'hello',
        revision: REVISION,
        guards: [],
        after: [],
        origin: { path: 'apps/hello/hello.yaml', line: 3, column: 1 },
        state: { app: 'hello', failures: 0, restarts: {} },
        ...rest,
      },
      plainPaint,
    ),
  )
const heldBack: Departure = {
  why: 'held-back',
  ids: [web],
  revision: REVISION,
  message: 'TaskFailed: prod/Service/web: exit code 1',
  keptAt: 'last-good',
  at,
  todo: 'mend it with a commit, or: swarmkeeper retry hello',
}
const pinned: Departure = {
  why: 'pinned',
  ids: [id('Service', 'api')],
  revision: '0f9e8d7c6b5a'.padEnd(40, '0'),
  message: '',
  by: 'ana@desk',
  at,
  todo: 'swarmkeeper unpin hello',
}

describe('an explanation', () => {
  test('of what is held back says why, the way out, and what the revision asks for instead', () => {
    expect(explained({ departures: [heldBack], instead: update(web, [image]) })).toBe(`
prod/Service/web of the app hello, revision 1a2b3c4d5e6f
  written at apps/hello/hello.yaml:3
  ! held back at last good: 1a2b3c4d5e6f failed: TaskFailed: exit code 1
    => mend it with a commit, or: swarmkeeper retry hello
  the revision asks for this, and it is not done:
      image: "web:1" -> "web:2"
  nothing would be sent
`)
  })

  test('of what a pin does not touch says both', () => {
    expect(explained({ departures: [pinned] })).toBe(`
prod/Service/web of the app hello, revision 1a2b3c4d5e6f
  written at apps/hello/hello.yaml:3
  ! its app is pinned by ana@desk to 0f9e8d7c6b5a; that changes nothing of this
    => swarmkeeper unpin hello
  it is as desired: nothing would be sent
`)
  })

  test('of a rotated secret says what changes, which generation, and what restarts', () => {
    const next = id('Secret', 'db_ba0d4510c413')
    const spec = { name: 'db_ba0d4510c413', content: { secret: 'settings:DB', mac: 'm' }, labels: {} }
    const change: Change = { action: 'create', id: next, cause: 'revision', diffs: [], to: { ...wanted(next), spec } }
    const refs = {
      path: '/secrets',
      from: [{ name: 'db_0f0a2dfd5169', target: 'db', uid: '0' }],
      to: [{ name: 'db_ba0d4510c413', target: 'db', uid: '0' }],
      effect: 'restart',
    } as const
    const of = { id: next, generation: { of: 'db', before: id('Secret', 'db_0f0a2dfd5169') } }
    expect(explained({ ...of, change, followers: [update(web, [refs])] })).toBe(`
prod/Secret/db_ba0d4510c413 of the app hello, revision 1a2b3c4d5e6f
  written at apps/hello/hello.yaml:3
  + create (generation ba0d4510c413 of db): its content is another (settings:DB); it takes the place of db_0f0a2dfd5169
  with it: prod/Service/web restarts
`)
    expect(explained({ change: update(web, [refs]) })).toContain(`
  ~ update (restarts): what it refers to has a new generation
      secrets: db_0f0a2dfd5169 at db -> db_ba0d4510c413 at db
`)
    expect(JSON.stringify(explanationJson({ ...explanation(change), followers: [update(web, [refs])] }))).toContain(
      '"followers":[{"action":"update","id":"prod/Service/web"',
    )
  })

  test('of an app that cannot be read promises nothing', () => {
    const { origin: _origin, ...unread } = {
      origin: 0,
      blocked: { reason: 'InvalidDesired', message: 'see the problems' },
    }
    const said = renderExplanation({ ...bare, ...unread }, plainPaint)
    expect(text(said)).toBe(`
prod/Service/web of the app hello, revision 1a2b3c4d5e6f
  nothing that could be read of this revision declares it
  its app is not planned: InvalidDesired: see the problems
`)
  })
})

const bare: Explanation = {
  id: web,
  app: 'hello',
  revision: REVISION,
  guards: [],
  after: [],
  state: { app: 'hello', failures: 0, restarts: {} },
}
const explanation = (change: Change): Explanation => ({ ...bare, change })

describe('a job', () => {
  const job = id('Job', 'migrate')
  const service = {
    image: 'job:1',
    command: ['up'],
    env: { A: '1' },
    pin: { digest: 'x', platforms: [] },
    triggers: {},
  }
  const to = { ...wanted(job), spec: { service: { ...service, image: 'job:2', env: { A: '2' }, pin: undefined } } }
  const from = { ...wanted(job), spec: { service }, format: 1, state: 'owned' } as const
  const runs = (run: string, rest: Partial<typeof to> = {}): Change => ({
    action: 'update',
    id: job,
    cause: 'revision',
    diffs: [{ path: '/run', from: 'a'.repeat(64), to: run, effect: 'restart' }],
    from,
    to: { ...to, ...rest },
  })
  const shown = (change: Change): readonly string[] =>
    renderPlan(fleetPlan([appPlan({ stages: [{ changes: [change], gates: [], pauseMs: 0 }] })]), plainPaint).slice(
      1,
      -2,
    )

  test('says what of its definition changed, and no keys that only programs compare', () => {
    expect(shown(runs('b'.repeat(64)))).toEqual([
      '  ~ prod/Job/migrate  runs, because its definition changed',
      '      image: "job:1" -> "job:2"',
      '      env/A: "1" -> "2"',
    ])
  })

  test('says whose change, or who, makes it run again', () => {
    const same = { spec: from.spec } as never
    expect(shown(runs('after prod/Secret/db', same))).toEqual([
      '  ~ prod/Job/migrate  runs, because prod/Secret/db changed',
    ])
    expect(shown(runs('after operator', same))).toEqual([
      '  ~ prod/Job/migrate  runs, because an operator asked for it',
    ])
    const again: Change = { action: 'replace', id: job, cause: 'revision', diffs: [], from, to, frees: [] }
    expect(shown(again)[0]).toContain('because its last run failed')
  })

  test('tells programs, too', () => {
    const plan = fleetPlan([appPlan({ stages: [{ changes: [runs('b'.repeat(64))], gates: [], pauseMs: 0 }] })])
    expect(JSON.stringify(planJson(plan))).toContain('"says":["because its definition changed","image: ')
  })
})

describe('a create', () => {
  test('shows what runs, how often, what it opens and what it keeps', () => {
    const spec = {
      image: 'web:2',
      pin: { digest: `sha256:${'ab'.repeat(32)}`, platforms: [] },
      mode: 'global',
      entrypoint: [],
      command: ['serve', '--fast'],
      ports: [
        { target: 80, published: 8080, protocol: 'tcp', mode: 'ingress' },
        { target: 53, protocol: 'udp', mode: 'host' },
      ],
      mounts: [
        { type: 'volume', source: 'web_data', target: '/data', readOnly: false },
        { type: 'tmpfs', target: '/tmp', readOnly: true },
      ],
    }
    const change = { ...create(web), to: { ...wanted(web), spec } } as Change
    const plan = fleetPlan([appPlan({ stages: [{ changes: [change], gates: [], pauseMs: 0 }] })])
    expect(text(renderPlan(plan, plainPaint))).toBe(`
hello
  + prod/Service/web
      image: web:2@sha256:abababababab…
      mode: global
      command: ["serve","--fast"]
      ports: 8080:80/tcp, (any):53/udp (host)
      mounts: volume web_data at /data, tmpfs at /tmp (read-only)

revision 1a2b3c4d5e6f: 1 to create
`)
    expect(planJson(plan)).toMatchObject({
      apps: [{ stages: [{ changes: [{ says: expect.arrayContaining(['mode: global']) }] }] }],
    })
  })

  test('of a job shows its image and command, and that there is no way back', () => {
    const job = id('Job', 'migrate')
    const spec = { service: { image: 'job:1', mode: 'replicated-job', command: ['up'] }, irreversible: true }
    const change = { ...create(job), to: { ...wanted(job), spec } } as Change
    const lines = renderPlan(
      fleetPlan([appPlan({ stages: [{ changes: [change], gates: [], pauseMs: 0 }] })]),
      plainPaint,
    )
    expect(lines.slice(1, 5)).toEqual([
      '  + prod/Job/migrate  runs',
      '      image: job:1',
      '      command: ["up"]',
      '      irreversible: past it there is no way back',
    ])
  })
})

describe('one resource', () => {
  const view: ResourceView = {
    id: web,
    app: 'hello',
    status: { id: web, app: 'hello', state: 'present', health: 'healthy' },
    wanted: { ...wanted(web), spec: { image: 'web:1', env: { A: '1' }, labels: {}, mounts: [] } },
    observed: {
      state: 'present',
      live: { image: 'web:1', env: { A: '1', TOKEN: 'hunter2' }, labels: { other: 'hunter3' }, mounts: [] },
      owner: { who: 'us', app: 'hello', digest: 'd' as never },
      health: { status: 'healthy' },
      version: '1',
    },
  }

  test('shows no value that somebody set where we declare none, and nothing that is empty', () => {
    expect(text(renderResource(view, new Date(at), plainPaint))).toBe(`
prod/Service/web
  app      hello
  live     present, healthy
  owner    ours
  written  apps/hello/hello.yaml:1
  desired:
    image: web:1
    env:
      A: "1"
  live:
    image: web:1
    env:
      A: "1"
      TOKEN: (set by hand, not shown)
    labels:
      other: (set by hand, not shown)
`)
  })

  test('as JSON hides the same, and is whole otherwise', () => {
    const shown = JSON.stringify(resourceJson(view))
    expect(shown).not.toContain('hunter')
    expect(JSON.parse(shown)).toMatchObject({ format: 1, observed: { version: '1', live: { env: { A: '1' } } } })
  })

  test('that is held back is not shown as desired', () => {
    const lines = renderResource({ ...view, departures: [heldBack] }, new Date(at), plainPaint)
    expect(lines).toContain('  to be (not as the revision declares):')
    expect(lines).toContain('    => mend it with a commit, or: swarmkeeper retry hello')
    expect(lines).not.toContain('  desired:')
  })
})
