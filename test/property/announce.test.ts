import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incidentsOf } from '../../src/announce/incidents/incidents-of.ts'
import type { KeptIncident } from '../../src/announce/incidents/ledger.ts'
import type { GitHubBody } from '../../src/model/message.ts'
import type { RevisionReport } from '../../src/model/revision-report.ts'
import { heldGroups } from '../../src/plan/hold.ts'
import { pinApp, suspendApp, unpinApp } from '../../src/reconcile/operator.ts'
import { appStateOf } from '../../src/report/report-state.ts'
import { type Announcing, announcing } from '../announce/announcing.ts'
import { type Overlapping, overlapping } from '../announce/overlapping.ts'
import { createFleet, healthByValue, type TestFleet, thing, type WrittenFleet } from '../support/fleet.ts'
import { createQuickStore } from '../support/quick-store.ts'
import { CASES } from './cases.ts'

const APPS = ['api', 'db', 'web'] as const
type App = (typeof APPS)[number]
const app = fc.constantFrom(...APPS)

/** 0: not declared; from 100 on it crashes. */
type Values = Readonly<Record<App, number>>
const value = fc.constantFrom(0, 1, 2, 3, 100, 101)

type Act =
  | { readonly do: 'commit'; readonly change: Partial<Values> }
  | { readonly do: 'minutes'; readonly count: number }
  | { readonly do: 'drift'; readonly app: App; readonly value: number }
  | { readonly do: 'crash'; readonly on: boolean }
  | { readonly do: 'unreachable' | 'source-down' | 'restart' | 'force-push' | 'tick' }
  | { readonly do: 'retry' | 'pin' | 'unpin' | 'suspend'; readonly app: App }
  | { readonly do: 'confirm' }

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      change: fc.record({ api: value, db: value, web: value }, { requiredKeys: [] }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('minutes' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.constant({ do: 'tick' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drift' as const), app, value: fc.constantFrom(1, 2, 7) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), on: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('unreachable' as const, 'source-down' as const, 'restart' as const, 'force-push' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('retry' as const, 'pin' as const, 'unpin' as const, 'suspend' as const),
      app,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'confirm' as const }) },
)

const written = (values: Values): WrittenFleet =>
  Object.fromEntries(
    APPS.filter((name) => values[name] > 0).map((name) => [
      name,
      [thing(name, { value: values[name] }, { keeper: { bakeMs: 120_000 } }), thing(`${name}-calm`)],
    ]),
  )

interface Run {
  readonly world: Announcing
  values: Values
  readonly commits: string[]
}

const guardsOf = ({ world }: Run): readonly string[] => {
  const { planned, look } = world.view()
  const astray = look.astray === undefined ? [] : [`revision:${look.revision.slice(0, 12)}`]
  return [...astray, ...planned.flatMap(({ guards }) => guards.map(({ name }) => name))]
}

async function perform(run: Run, act: Act): Promise<void> {
  const { world } = run
  const { fleet } = world
  const decision = { by: 'ann', reason: 'she said so', signal: new AbortController().signal }
  switch (act.do) {
    case 'commit':
      run.values = { ...run.values, ...act.change }
      run.commits.push(fleet.commit(written(run.values)))
      return
    case 'minutes':
      return world.minutes(act.count)
    case 'drift':
      return fleet.byHand(`Thing/${act.app}`, { value: act.value })
    case 'crash':
      fleet.world.healthOf = act.on ? () => ({ status: 'degraded', message: 'away' }) : healthByValue
      return
    case 'unreachable':
      fleet.world.reachable = !fleet.world.reachable
      return
    case 'source-down':
      fleet.sourceDown = !fleet.sourceDown
      return
    case 'restart':
      return world.restart()
    case 'force-push':
      fleet.rewriteHistory()
      run.commits.push(fleet.commit(written(run.values)))
      return
    case 'retry':
      return void (await world.tick({ retry: true }))
    case 'suspend':
      if (!fleet.store.apps().some((known) => known.app === act.app)) return
      return suspendApp(fleet.collaborators(), act.app, { ...decision, forMs: 600_000 })
    case 'pin': {
      const good = fleet.store.app(act.app).lastGood?.revision
      if (good !== undefined && !fleet.sourceDown)
        await pinApp(fleet.collaborators(), act.app, { ...decision, to: good })
      return
    }
    case 'unpin':
      if (fleet.store.app(act.app).pin) unpinApp(fleet.collaborators(), act.app, decision)
      return
    case 'confirm':
      return void (await world.tick({ confirm: guardsOf(run) }))
    case 'tick':
      return void (await world.tick())
  }
}

type Status = Extract<GitHubBody, { type: 'status' }>

const statusesIn = ({ world }: Run): readonly Status[] =>
  world.outbox.messages.flatMap(({ sink, body }) => (sink === 'github' ? [body as Status] : []))

/** Everything answers, nobody holds anything, and time passes until nothing moves any more. */
async function comeToRest(run: Run): Promise<void> {
  const { world } = run
  const { fleet } = world
  fleet.world.reachable = true
  fleet.sourceDown = false
  fleet.world.healthOf = healthByValue
  for (const name of APPS) await perform(run, { do: 'unpin', app: name })
  await world.minutes(12)
  for (let round = 0; round < 4 && guardsOf(run).length > 0; round += 1) {
    await perform(run, { do: 'confirm' })
    await world.minutes(1)
  }
  await world.minutes(20)
}

function expectTold(run: Run): void {
  const { world } = run
  const last = new Map<string, Status>()
  for (const status of statusesIn(run)) {
    const subject = `${status.sha} ${status.context}`
    expect(status, `said twice: ${subject}`).not.toEqual(last.get(subject))
    expect([...status.description].length).toBeLessThanOrEqual(140)
    expect(status.description).not.toMatch(/\d{4}-\d\d-\d\d|\d\d:\d\d/)
    last.set(subject, status)
  }
  expect([...last.values()].filter(({ state }) => state === 'pending')).toEqual([])
  const reports = world.fleet.store.shelf<RevisionReport>('revision').all()
  expect(reports.filter(({ value: report }) => !report.final)).toEqual([])
  const shelf = world.fleet.store.shelf<KeptIncident>('incident').all()
  const open = shelf.filter(({ value: kept }) => kept.state === 'open').map(({ key }) => key)
  const found = incidentsOf(world.view(), world.fleet.clock.now()).map(({ key }) => key)
  expect(open.sort()).toEqual([...found].sort())
}

/** What is said of an app by the newest revision that touched it is what its state says. */
function expectTrue({ world }: Run): void {
  const { store } = world.fleet
  const reports = store
    .shelf<RevisionReport>('revision')
    .all()
    .map((kept) => kept.value)
  for (const name of APPS) {
    const at = reports.findLastIndex(({ apps }) => name in apps)
    const report = reports[at]?.apps[name]
    if (!report) continue
    const since = new Set(reports.slice(at).map(({ revision }) => revision))
    const state = store.app(name)
    const failed = state.stalled !== undefined || heldGroups(state).some(({ revision }) => since.has(revision))
    expect({ name, report, failed }).toMatchObject({ failed: appStateOf(report) === 'failure' })
  }
}

/** What a chat was told of each incident: opened, perhaps told again, resolved, and only then opened once more. */
function expectEdges({ world }: Run): void {
  const state = new Map<string, string>()
  for (const { sink, subject, body } of world.outbox.messages) {
    if (sink === 'github') continue
    const next = (body as { readonly state: string }).state
    expect(next === 'resolved' && state.get(subject) !== 'open', `resolved, and was not open: ${subject}`).toBe(false)
    state.set(subject, next)
  }
  const shelf = world.fleet.store.shelf<KeptIncident>('incident')
  const told = [...state].filter(([, now]) => now === 'open').map(([subject]) => subject.replace('incident:', ''))
  expect(told.filter((key) => shelf.get(key)?.state !== 'open')).toEqual([])
}

describe('whatever happens', () => {
  it('no commit stays pending, what is open is what is wrong, and nothing is said twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 14 }), async (acts) => {
        const world = announcing()
        const run: Run = { world, values: { api: 1, db: 1, web: 1 }, commits: [] }
        await perform(run, { do: 'commit', change: {} })
        await world.tick()
        for (const one of acts) await perform(run, one)
        await comeToRest(run)
        expectTold(run)
        expectTrue(run)
        expectEdges(run)
      }),
      // Each is a fleet that lives for an hour.
      { numRuns: Math.ceil(CASES / 5) },
    )
  })

  it('with ticks that overlap, and apps that take their time, no commit stays pending either', async () => {
    const values = fc.constantFrom(1, 2, 50, 100)
    const step = fc.record({ api: values, web: values, turns: fc.integer({ min: 0, max: 60 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const fleet = createFleet()
        fleet.store = createQuickStore()
        let isLet = false
        fleet.world.healthOf = (id, object) =>
          (object.spec as { value?: number }).value === 50 && !isLet
            ? { status: 'progressing', message: 'starting' }
            : healthByValue(id, object)
        const slow = { keeper: { timeoutMs: 360_000_000, bakeMs: 120_000 } }
        const declared = (api: number, web: number): WrittenFleet => ({
          api: [thing('a', { value: api }, slow)],
          web: [thing('w', { value: web }, slow), thing('calm')],
        })
        fleet.commit(declared(1, 1))
        const daemon = overlapping(fleet)
        await daemon.until('good', () => ['api', 'web'].every((name) => fleet.store.app(name).lastGood !== undefined))
        for (const { api, web, turns } of steps) {
          fleet.commit(declared(api, web))
          for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
        }
        isLet = true
        await daemon.until('nothing is pending', () => isAtRest(fleet, daemon))
        await daemon.stop()
        expect(daemon.failures).toEqual([])
      }),
      { numRuns: Math.ceil(CASES / 10) },
    )
  })
})

function isAtRest({ store }: TestFleet, { outbox, ticks }: Overlapping): boolean {
  const reports = store.shelf<RevisionReport>('revision').all()
  const last = reports.at(-1)?.value
  return (
    ticks.state().running.length === 0 &&
    last !== undefined &&
    last.revision === store.fleet().lastResolved?.commit &&
    reports.every(({ value: report }) => report.final) &&
    reports.every(({ key }) => Object.values(outbox.statuses(key)).every((line) => !line.startsWith('pending')))
  )
}
