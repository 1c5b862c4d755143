import fc from 'fast-check'
import type { AppState } from '../../../src/model/app-state.ts'
import { sameValue } from '../../../src/model/digest.ts'
import type { Recorded } from '../../../src/model/resource.ts'
import { heldGroups } from '../../../src/plan/hold.ts'
import { killedAfter, mendAfterKill } from './kill.ts'
import { createLab, kindOfId, type Lab, type Standing, settle, specIn, standing } from './lab.ts'
import { check, type Law, parameters, show } from './law.ts'
import { fleetOf, GOOD, revisionArb, tellRevisions, told, WITH_BAD } from './revisions.ts'

const killCase = told(
  fc.record({
    revisions: fc.tuple(
      revisionArb({ drift: ['safe', 'heal'] }),
      revisionArb({ values: [...GOOD, ...WITH_BAD], runKeys: ['k0', 'k1', 'bad'], drift: ['safe', 'heal'] }),
      revisionArb({ values: [...GOOD, ...WITH_BAD], runKeys: ['k1', 'k2'], drift: ['safe', 'heal'] }),
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
export const killedFindsItsWay: Law = (options) =>
  fc.assert(
    fc.asyncProperty(killCase, async ({ revisions: [first, second, third], killAt, newer }) => {
      const lab = createLab(options.makeStore)
      lab.commit(fleetOf(first))
      await settle(lab)
      lab.commit(fleetOf(second))
      await killedAfter(lab, killAt)
      mendAfterKill(lab)
      if (newer) lab.commit(fleetOf(third))
      await settle(lab)
      nothingIsLeftOver(lab)
      if (newer) return
      const other = createLab(options.makeStore)
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
    parameters(options),
  )

/** Where the stamp cannot say it, a move that was interrupted shows only when it is done again. */
const withoutMoves = (standings: Standing): unknown =>
  Object.entries(standings).map(([id, one]) => [id, kindOfId(id) === 'Task' ? specIn(standings, id) : one])

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
  // Nothing changes in an app whose way back was refused, prunes included (rule 17): what it was to lose, a person sees to.
  // Nor in one that is refused before its first write, for what is held back keeps the port that the rest needs.
  const isRefused = ({ held, failures }: AppState): boolean => held !== undefined && failures > 0
  const stopped = new Set(store.apps().flatMap((state) => (state.stalled || isRefused(state) ? [state.app] : [])))
  const isUseless = ({ id, app }: Recorded): boolean =>
    !desired.has(id) && !held.has(id) && !stopped.has(app) && kindOfId(id) !== 'Gen'
  const useless = [...record.values()].filter(isUseless).map(({ id }) => id)
  check(useless.length === 0, () => `neither desired nor held back: ${useless.join(', ')}`)
  check(store.openIntents().length === 0, () => 'an intent is still open')
  const twice = [...lab.runs].filter(([key, times]) => times > 1 && !key.includes('bad'))
  check(twice.length === 0, () => `ran twice: ${twice.map(([key]) => key).join(', ')}`)
  const made = lab.conflicts.filter((what) => what.endsWith('exists'))
  check(made.length === 0, () => `made twice: ${made.join(', ')}`)
}
