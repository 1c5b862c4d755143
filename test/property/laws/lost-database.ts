import fc from 'fast-check'
import { sameValue } from '../../../src/model/digest.ts'
import { heldGroups } from '../../../src/plan/hold.ts'
import { createQuickStore } from '../../support/quick-store.ts'
import { createLab, type Lab, settle } from './lab.ts'
import { check, type Law, parameters, show } from './law.ts'
import { fleetOf, manyRevisions } from './revisions.ts'

/** Rule 8: with the database gone, everything is known again from the targets, and nothing is written. */
export const lostDatabaseIsRebuilt: Law = (options) =>
  fc.assert(
    fc.asyncProperty(manyRevisions, async (revisions) => {
      const lab = createLab(options.makeStore)
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
    parameters(options),
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
