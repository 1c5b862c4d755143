import fc from 'fast-check'
import { ReconcileError } from '../../../src/model/error.ts'
import { restartResource, resumeApp, suspendApp } from '../../../src/reconcile/operator.ts'
import { createQuickStore } from '../../support/quick-store.ts'
import { standsAsDesired } from './empty-plan.ts'
import { killedAfter, mendAfterKill } from './kill.ts'
import { createLab, kindOfId, type Lab, settle } from './lab.ts'
import { check, type Law, parameters } from './law.ts'
import { describeRevision, fleetOf, GOOD, POOL, type Revision, revisionArb, told, WITH_BAD } from './revisions.ts'

/** What may happen to a fleet, in any order. */
type Happening =
  | { readonly what: 'merge'; readonly revision: Revision }
  | Disturbed
  | { readonly what: 'lose the database' }
  | { readonly what: 'change by hand'; readonly name: string; readonly value: number | undefined }
  | { readonly what: 'suspend' | 'resume' | 'retry'; readonly app: string }
  | { readonly what: 'restart' | 'halt' | 'lift'; readonly name: string }
  | { readonly what: 'wait' }

/** A revision is merged, and its first run goes wrong at a step. */
interface Disturbed {
  readonly what: 'killed' | 'the target breaks' | 'refused' | 'interfered with'
  readonly at: number
  readonly revision: Revision
}

const HEAL = { drift: ['heal'], ports: false } as const
const app = fc.constantFrom('one', 'two', 'three')
const name = fc.constantFrom(...POOL.filter((one) => one.startsWith('Thing')))

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('merge'), revision: bad() }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('killed'), at: fc.nat(40), revision: bad() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom('the target breaks', 'refused', 'interfered with'),
      at: fc.integer({ min: 1, max: 8 }),
      revision: bad(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('lose the database') }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('change by hand'), name, value: fc.constantFrom(9, undefined) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('suspend', 'resume', 'retry'), app }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('restart'), name }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('halt', 'lift'), name }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wait') }) },
) as fc.Arbitrary<Happening>

function bad(): fc.Arbitrary<Revision> {
  return revisionArb({ ...HEAL, values: [...GOOD, ...WITH_BAD], runKeys: ['k0', 'k1', 'bad'] })
}

const recoveryCase = told(
  fc.record({
    happenings: fc.array(happening, { minLength: 1, maxLength: 6 }),
    last: revisionArb({ ...HEAL, runKeys: ['last'] }),
  }),
  ({ happenings, last }) => [...happenings.map(tell), 'at last, merge', describeRevision(last)].join('\n'),
)

function tell(one: Happening): string {
  if (one.what === 'merge') return `merge\n${describeRevision(one.revision)}`
  if ('revision' in one) return `merge, ${one.what} at step ${one.at}\n${describeRevision(one.revision)}`
  return Object.values(one).join(' ')
}

/** The safety claim: whatever happened to it, it finds its way: the next good revision stands as it is declared. */
export const itFindsItsWay: Law = (options) =>
  fc.assert(
    fc.asyncProperty(recoveryCase, async ({ happenings, last }) => {
      const lab = createLab(options.makeStore)
      lab.commit({})
      for (const one of happenings) await happen(one, lab)
      const lostDatabase = happenings.some(({ what }) => what === 'lose the database')
      mend(lab)
      lab.commit(fleetOf(last))
      // What the target refused may be held back as it is declared now: only a person knows that it would work today.
      await lab.fleet.apply({ rebuild: true })
      await settle(lab, { retry: true })
      if (lostDatabase) removeUnexplained(lab)
      standsAsDesired(lab, last)
      const { store } = lab.fleet
      check(store.openIntents().length === 0, () => 'an intent is still open')
      const waiting = store.apps().filter((state) => state.attempt || state.held || state.stalled)
      check(waiting.length === 0, () => `not at rest: ${JSON.stringify(waiting)}`)
      jobsRanOnce(lab)
    }),
    parameters(options),
  )

function jobsRanOnce(lab: Lab): void {
  const twice = [...lab.runs].filter(([key, times]) => times > 1 && key.endsWith(' last'))
  check(twice.length === 0, () => `ran twice: ${twice.map(([key]) => key).join(', ')}`)
}

/** What nobody remembers after the loss of a database is left alone, and a person removes it. */
function removeUnexplained({ fleet }: Lab): void {
  const known = new Set(fleet.store.record().map((entry) => entry.id))
  for (const id of [...fleet.world.objects.keys()]) if (!known.has(id)) fleet.world.objects.delete(id)
}

const BUDGET = { budget: 'one/daily', why: 'exceeded', since: '2026-01-01T00:00:00.000Z', message: 'used up' } as const

/** Its budget stops one thing, wherever it is. */
function halt(thing: string, { fleet }: Lab): void {
  const recorded = fleet.store.record().find(({ id }) => id === `prod/${thing}`)
  if (!recorded) return
  const state = fleet.store.app(recorded.app)
  const others = (state.halts ?? []).filter(({ ids }) => !ids.includes(recorded.id))
  fleet.store.putApp({ ...state, halts: [...others, { ...BUDGET, ids: [recorded.id] }] })
}

/** Whatever else the app waits for, what is ours and seen is at rest after one run. */
function restsNow(thing: string, { fleet }: Lab): void {
  const { world, store } = fleet
  const halted = store
    .apps()
    .some(({ halts = [] }) => halts.some(({ ids }) => ids.some((id) => id === `prod/${thing}`)))
  const live = [...world.objects].find(([id]) => id === `prod/${thing}`)?.[1]
  if (!halted || !live?.stamp || !world.reachable) return
  const { resting } = live.spec as { readonly resting?: boolean }
  check(resting === true, () => `${thing} runs although its budget stopped it`)
}

function lift({ fleet: { store } }: Lab, thing?: string): void {
  for (const state of store.apps()) {
    const { halts = [] } = state
    const isAsked = (ids: readonly string[]): boolean => thing === undefined || ids.includes(`prod/${thing}`)
    if (halts.length === 0) continue
    store.putApp({ ...state, halts: halts.map((one) => (isAsked(one.ids) ? { ...one, lifted: true as const } : one)) })
  }
}

/** Everything answers again, budgets are raised, and an hour goes by: suspensions and flap guards end. */
function mend(lab: Lab): void {
  lab.fleet.world.reachable = true
  lift(lab)
  lab.fleet.clock.jump(3_700_000)
}

async function happen(one: Happening, lab: Lab): Promise<unknown> {
  const { fleet } = lab
  const engine = fleet.collaborators()
  const by = { by: 'ada' }
  const known = (state: string): boolean => fleet.store.apps().some((each) => each.app === state)
  switch (one.what) {
    case 'merge':
      lab.commit(fleetOf(one.revision))
      return tick(lab)
    case 'killed':
      lab.commit(fleetOf(one.revision))
      await killedAfter(lab, one.at)
      return mendAfterKill(lab)
    case 'lose the database':
      fleet.store = createQuickStore()
      return tick(lab)
    case 'the target breaks':
    case 'refused':
    case 'interfered with':
      lab.commit(fleetOf(one.revision))
      return disturbed(one, lab)
    case 'change by hand':
      fleet.byHand(one.name, one.value === undefined ? undefined : { value: one.value })
      return tick(lab)
    case 'suspend':
      if (known(one.app)) suspendApp(engine, one.app, { ...by, forMs: 3_600_000 })
      return tick(lab)
    case 'resume':
      if (fleet.store.app(one.app).suspension) resumeApp(engine, one.app, by)
      return tick(lab)
    case 'retry':
      await fleet.apply({ retry: true, app: one.app }).catch(ignoreUnknown)
      return
    case 'restart':
      if (fleet.store.record().some((entry) => entry.id === `prod/${one.name}`)) restartResource(engine, one.name, by)
      return tick(lab)
    case 'halt': {
      halt(one.name, lab)
      const disagrees = await tick(lab)
      // Records that disagree: nobody writes before a person has confirmed whose is right (rule 8).
      return disagrees ? undefined : restsNow(one.name, lab)
    }
    case 'lift':
      lift(lab, one.name)
      return tick(lab)
    case 'wait':
      lab.setLate(true)
      fleet.clock.jump(60_001)
      return tick(lab)
  }
}

/** There may be no such app: that is said, and nothing else happens. */
function ignoreUnknown(error: unknown): void {
  if (!(error instanceof ReconcileError) || error.reason !== 'NotFound') throw error
}

/** Tells whether records disagree. */
async function tick({ fleet }: Lab): Promise<boolean> {
  const { apps } = await fleet.apply()
  const after = await fleet.apply({ confirm: apps.flatMap((each) => each.guards.map((guard) => guard.name)) })
  return after.apps.some(({ reason }) => reason === 'RecordDisagrees')
}

/** The n-th write of the next run fails in some way; refused, so are all that follow it, on the way back as well. */
async function disturbed(one: Disturbed, lab: Lab): Promise<void> {
  const { world } = lab.fleet
  const { beforeWrite } = world
  let left = one.at
  world.beforeWrite = (what) => {
    left -= 1
    if ((left === 0 || (left < 0 && one.what === 'refused')) && !what.startsWith('record')) {
      if (one.what === 'refused') throw new ReconcileError('TargetRefused', { message: 'no' })
      if (one.what === 'the target breaks') {
        world.reachable = false
        throw new ReconcileError('TargetUnreachable', { message: 'the connection was reset' })
      }
      const [, id = ''] = what.split(' ')
      // Of the others nobody compares a label: it would stay.
      if (['Thing', 'Net'].includes(kindOfId(id))) lab.fleet.byHand(id.replace('prod/', ''), { label: 'hand' })
    }
    beforeWrite(what)
  }
  await tick(lab)
  world.beforeWrite = beforeWrite
  await tick(lab)
  world.reachable = true
}
