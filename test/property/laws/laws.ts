import fc from 'fast-check'
import { sameValue } from '../../../src/model/digest.ts'
import type { ResourceId } from '../../../src/model/id.ts'
import { heldGroups } from '../../../src/plan/hold.ts'
import { desiredOf } from '../../support/fleet.ts'
import { createQuickStore } from '../../support/quick-store.ts'
import { killedAfter, mendAfterKill } from './kill.ts'
import { check, createLab, kindOfId, type Lab, settle, standing } from './lab.ts'
import {
  CRASHES,
  FAILS_LATER,
  fleetOf,
  GOOD,
  POOL,
  type Revision,
  revisionArb,
  tellRevisions,
  told,
} from './revisions.ts'

/** What must hold for every fleet. Each law runs so many cases, and rejects with the smallest counterexample. */
export type Law = (runs: number, seed?: number) => Promise<void>

const options = (runs: number, seed: number | undefined) => ({ numRuns: runs, ...(seed === undefined ? {} : { seed }) })

const BAD = [...GOOD, CRASHES, FAILS_LATER]

const goodRevisions = told(
  fc.array(revisionArb({ runKeys: ['k0', 'k1'] }), { minLength: 1, maxLength: 3 }),
  tellRevisions,
)

/** Rules 2 and 3: after an apply, by hand or not, there is nothing to do, and nothing is sent. */
export const planAfterApplyIsEmpty: Law = (runs, seed) =>
  fc.assert(
    fc.asyncProperty(goodRevisions, fc.array(byHandArb, { maxLength: 3 }), async (revisions, hands) => {
      const lab = createLab()
      for (const revision of revisions) {
        lab.commit(fleetOf(revision))
        await settle(lab)
        standsAsDesired(lab, revision)
      }
      for (const hand of hands) lab.fleet.byHand(hand.name, hand.patch)
      await settle(lab)
      const { apps } = await lab.fleet.apply()
      const left = apps.flatMap((app) => (app.plan?.stages ?? []).flatMap((stage) => stage.changes))
      check(left.length === 0, () => `still to do: ${left.map((change) => `${change.action} ${change.id}`).join(', ')}`)
      const sent = [...lab.fleet.world.writes]
      check(sent.length === 0, () => `sent although nothing differs: ${sent.join(', ')}`)
    }),
    options(runs, seed),
  )

const byHandArb = fc.record({
  name: fc.constantFrom(...POOL.filter((name) => name.startsWith('Thing') || name.startsWith('Net'))),
  patch: fc.constantFrom<Readonly<Record<string, unknown>> | undefined>({ value: 9 }, { label: 'hand' }, undefined),
})

function standsAsDesired(lab: Lab, revision: Revision): void {
  const { world, store } = lab.fleet
  for (const app of desiredOf(fleetOf(revision)).apps.values()) {
    for (const wanted of app.wanted) {
      const object = world.objects.get(wanted.id)
      check(object !== undefined, () => `${wanted.id} was not made`)
      check(sameValue(object?.spec, wanted.spec), () => `${wanted.id} is ${JSON.stringify(object?.spec)}`)
      const recorded = store.record().find((entry) => entry.id === wanted.id)
      check(recorded?.app === app.app && recorded.state === 'owned', () => `${wanted.id} is not recorded in ${app.app}`)
    }
  }
  const desired = lab.desired()
  const left = [...world.objects.keys()].filter((id) => !desired.has(id) && kindOfId(id) !== 'Gen')
  check(left.length === 0, () => `not desired any more, and still there: ${left.join(', ')}`)
}

const goodThenBad = told(
  fc.tuple(
    revisionArb({ drift: ['safe', 'heal'] }),
    revisionArb({ values: BAD, runKeys: ['k0', 'k1', 'bad'], drift: ['safe', 'heal'] }),
  ),
  tellRevisions,
)

/** Rule 16: what an app changed in a revision that failed is as it was; what it made is gone; jobs do not run backwards. */
export const rollbackRestores: Law = (runs, seed) =>
  fc.assert(
    fc.asyncProperty(goodThenBad, async ([good, bad]) => {
      const lab = createLab()
      lab.commit(fleetOf(good))
      await settle(lab)
      const before = standing(lab)
      const wasIn = lab.desired()
      lab.commit(fleetOf(bad))
      const { outcomes } = await settle(lab)
      const back = new Set(outcomes.flat().flatMap((app) => (app.outcome === 'rolled-back' ? [app.app] : [])))
      // What a person confirmed goes on after the rollback.
      for (const app of outcomes.flat()) if (app.guards.length > 0) back.delete(app.app)
      const after = standing(lab)
      for (const app of back) isAsItWas(app, { before, after, wasIn, isIn: lab.desired() })
    }),
    options(runs, seed),
  )

type Standing = ReturnType<typeof standing>
type Desired = ReadonlyMap<ResourceId, string>

function isAsItWas(
  app: string,
  of: { readonly before: Standing; readonly after: Standing; readonly wasIn: Desired; readonly isIn: Desired },
): void {
  const firstDeploy = ![...of.wasIn.values()].includes(app)
  const mine = [...of.wasIn].flatMap(([id, was]) => (was === app && (of.isIn.get(id) ?? app) === app ? [id] : []))
  for (const id of mine) {
    if (kindOfId(id) === 'Task' || kindOfId(id) === 'Gen') continue
    const [was, is] = [specIn(of.before, id), specIn(of.after, id)]
    check(
      sameValue(was, is),
      () => `${app} was rolled back, but ${id} was ${JSON.stringify(was)}, is ${JSON.stringify(is)}`,
    )
  }
  const arrived = [...of.isIn].filter(([id, is]) => is === app && of.wasIn.get(id) !== app)
  for (const [id] of arrived) {
    const moved = of.wasIn.has(id)
    if (kindOfId(id) === 'Task' || (moved && firstDeploy)) continue
    const [was, is] = [specIn(of.before, id), specIn(of.after, id)]
    check(
      sameValue(was, is),
      () => `${app} was rolled back, but ${id} was ${JSON.stringify(was)}, is ${JSON.stringify(is)}`,
    )
  }
}

const specIn = (standings: Standing, id: string): unknown => (standings[id] as { readonly spec?: unknown })?.spec

const killCase = told(
  fc.record({
    revisions: fc.tuple(
      revisionArb({ drift: ['safe', 'heal'] }),
      revisionArb({ values: [...GOOD, ...BAD], runKeys: ['k0', 'k1', 'bad'], drift: ['safe', 'heal'] }),
      revisionArb({ values: [...GOOD, ...BAD], runKeys: ['k1', 'k2'], drift: ['safe', 'heal'] }),
    ),
    /** Store writes and target writes (before it takes effect, after it) are counted together. */
    killAt: fc.nat(45),
    /** Whether the next start finds a newer revision. */
    newer: fc.boolean(),
  }),
  ({ revisions, killAt, newer }) =>
    `${tellRevisions(newer ? revisions : revisions.slice(0, 2))}\n  killed at step ${killAt} of revision 2`,
)

/** Rules 8, 14 and 16: killed at any step, the next start finds its way: no orphan, nothing done twice. */
export const killedFindsItsWay: Law = (runs, seed) =>
  fc.assert(
    fc.asyncProperty(killCase, async ({ revisions: [first, second, third], killAt, newer }) => {
      const lab = createLab()
      lab.commit(fleetOf(first))
      await settle(lab)
      lab.commit(fleetOf(second))
      await killedAfter(lab, killAt)
      mendAfterKill(lab)
      if (newer) lab.commit(fleetOf(third))
      await settle(lab)
      nothingIsLeftOver(lab)
      if (newer) return
      const other = createLab()
      for (const revision of [first, second]) {
        other.commit(fleetOf(revision))
        await settle(other)
      }
      const [is, would] = [withoutMoves(standing(lab)), withoutMoves(standing(other))]
      check(
        sameValue(is, would),
        () => `not as it would be without the kill:\n is    ${show(is)}\n would ${show(would)}`,
      )
    }),
    options(runs, seed),
  )

/** Where the stamp cannot say it, a move that was interrupted shows only when it is done again. */
const withoutMoves = (standings: Standing): unknown =>
  Object.entries(standings).map(([id, one]) => [id, kindOfId(id) === 'Task' ? specIn(standings, id) : one])

const show = (value: unknown): string => JSON.stringify(value)

function nothingIsLeftOver(lab: Lab): void {
  const { store, world } = lab.fleet
  const record = new Map(store.record().map((recorded) => [recorded.id, recorded]))
  const orphans = [...world.objects.keys()].filter((id) => !record.has(id))
  check(orphans.length === 0, () => `nobody remembers ${orphans.join(', ')}`)
  const owned = [...record.values()].filter((recorded) => recorded.state !== 'intended').map(({ id }) => id)
  const missing = owned.filter((id) => !world.objects.has(id))
  check(missing.length === 0, () => `recorded, but not there: ${missing.join(', ')}`)
  const desired = lab.desired()
  const groups = store.apps().flatMap(heldGroups)
  const held = new Set(groups.flatMap((group) => group.members.map((member) => member.id)))
  const useless = [...record.keys()].filter((id) => !desired.has(id) && !held.has(id) && kindOfId(id) !== 'Gen')
  check(useless.length === 0, () => `neither desired nor held back: ${useless.join(', ')}`)
  check(store.openIntents().length === 0, () => 'an intent is still open')
  const twice = [...lab.runs].filter(([key, times]) => times > 1 && !key.includes('bad'))
  check(twice.length === 0, () => `ran twice: ${twice.map(([key]) => key).join(', ')}`)
  const made = lab.conflicts.filter((what) => what.endsWith('exists'))
  check(made.length === 0, () => `made twice: ${made.join(', ')}`)
}

const orderCase = told(
  fc.tuple(
    revisionArb({ runKeys: ['k0', 'k1'] }),
    revisionArb({ values: [...GOOD, ...BAD], runKeys: ['k0', 'k1', 'bad'] }),
  ),
  tellRevisions,
)

/** Rule 1: the plan does not depend on the order of documents, nor on which of two files an app's documents stand in. */
export const orderDoesNotMatter: Law = (runs, seed) =>
  fc.assert(
    fc.asyncProperty(orderCase, fc.infiniteStream(fc.nat()), async (revisions, stream) => {
      const plain = createLab()
      const turned = createLab()
      for (const revision of revisions) {
        plain.commit(fleetOf(revision))
        turned.commit(fleetOf(revision, shuffled(stream)))
        const [a, b] = [await settle(plain), await settle(turned)]
        const [first, second] = [plansOf(a), plansOf(b)]
        check(sameValue(first, second), () => `plans differ:\n ${show(first)}\n ${show(second)}`)
      }
      check(sameValue(standing(plain), standing(turned)), () => 'the worlds differ')
    }),
    options(runs, seed),
  )

const shuffled =
  (stream: Iterator<number>) =>
  (names: readonly string[]): readonly string[] => {
    const keyed = names.map((name) => ({ name, key: (stream.next().value as number) % 1_000 }))
    return keyed.sort((a, b) => a.key - b.key).map(({ name }) => name)
  }

/** The plans of each run, as a person would read them. */
function plansOf({ outcomes }: Awaited<ReturnType<typeof settle>>): unknown {
  return outcomes.map((apps) =>
    Object.fromEntries(
      apps.map((app) => [
        app.app,
        {
          outcome: app.outcome,
          stages: app.plan?.stages.map((stage) => stage.changes.map((change) => `${change.action} ${change.id}`)),
          held: app.plan?.held.map((held) => `${held.why} ${held.id}`),
        },
      ]),
    ),
  )
}

const manyRevisions = told(
  fc.array(revisionArb({ values: [...GOOD, ...GOOD, ...BAD], runKeys: ['k0', 'k1'] }), { minLength: 2, maxLength: 4 }),
  tellRevisions,
)

/** Rule 11: no app removes what another app desires; and only a rollback removes what its own app desires. */
export const nobodyPrunesOfOthers: Law = (runs, seed) =>
  fc.assert(
    fc.asyncProperty(manyRevisions, async (revisions) => {
      const lab = createLab()
      for (const revision of revisions) {
        lab.commit(fleetOf(revision))
        await settle(lab)
        const desired = lab.desired()
        for (const { id, by, rollingBack } of lab.removals.splice(0)) {
          const owner = desired.get(id)
          check(owner === undefined || owner === by, () => `${by} removed ${id}, which ${owner} desires`)
          check(owner === undefined || rollingBack, () => `${by} removed ${id}, which it desires itself`)
        }
      }
    }),
    options(runs, seed),
  )

/** Rule 8: with the database gone, everything is known again from the targets, and nothing is written. */
export const lostDatabaseIsRebuilt: Law = (runs, seed) =>
  fc.assert(
    fc.asyncProperty(manyRevisions, async (revisions) => {
      const lab = createLab()
      for (const revision of revisions) {
        lab.commit(fleetOf(revision))
        await settle(lab)
      }
      const before = memoryOf(lab)
      const wasGood = goodOf(lab)
      const wasHeld = heldBack(lab)
      lab.fleet.store = createQuickStore()
      lab.fleet.world.writes.length = 0
      const { apps } = await lab.fleet.apply()
      const guards = apps.flatMap((app) => app.guards)
      check(guards.length === 0, () => `asks: ${show(guards)}`)
      await lab.fleet.apply()
      const sent = lab.fleet.writes()
      check(
        sent.length === 0,
        () => `sent: ${sent.join(', ')}; ${show(apps.map((app) => [app.app, app.outcome, app.message]))}`,
      )
      const after = memoryOf(lab)
      const isHeld = heldBack(lab)
      const freed = wasHeld.filter((group) => !isHeld.includes(group))
      check(freed.length === 0, () => `no longer held back: ${freed.join(', ')}`)
      const judged = new Set(apps.filter((app) => app.outcome === 'proven').map((app) => app.app))
      const isGood = new Set(goodOf(lab))
      const lost = wasGood.filter((good) => !isGood.has(good) && !judged.has(good.split(' ')[0] ?? ''))
      check(lost.length === 0, () => `no longer known as good: ${lost.join(', ')}`)
      check(sameValue(before, after), () => `remembered otherwise:\n before ${show(before)}\n after  ${show(after)}`)
    }),
    options(runs, seed),
  )

/** What is owned, and by whom. */
function memoryOf({ fleet }: Lab): unknown {
  const record = fleet.store.record().map(({ id, app, digest, state }) => ({ id, app, digest, state }))
  return record.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Groups that are held back; what was never proven may be judged, and join them. */
const heldBack = ({ fleet }: Lab): readonly string[] =>
  fleet.store.apps().flatMap((state) => heldGroups(state).map((group) => `${state.app} ${show(group)}`))

/** Of what an app still has: what moved away has taken its last good state along. */
function goodOf({ fleet: { store } }: Lab): readonly string[] {
  const owner = new Map(store.record().map((recorded) => [recorded.id, recorded.app]))
  return store.apps().flatMap(({ app }) =>
    store
      .lastGood(app)
      .filter(({ id }) => owner.get(id) === app)
      .map(({ id, digest }) => `${app} ${id} ${digest}`),
  )
}
