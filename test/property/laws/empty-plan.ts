import fc from 'fast-check'
import { sameValue } from '../../../src/model/digest.ts'
import { desiredOf } from '../../support/fleet.ts'
import { createLab, kindOfId, type Lab, type Settled, settle } from './lab.ts'
import { check, type Law, parameters } from './law.ts'
import { fleetOf, POOL, type Revision, revisionArb, tellRevisions, told } from './revisions.ts'

const goodRevisions = told(
  fc.array(revisionArb({ runKeys: ['k0', 'k1'] }), { minLength: 1, maxLength: 3 }),
  tellRevisions,
)

/** Rules 2 and 3: after an apply, by hand or not, there is nothing to do, and nothing is sent. */
export const planAfterApplyIsEmpty: Law = (options) =>
  fc.assert(
    fc.asyncProperty(goodRevisions, fc.array(byHandArb, { maxLength: 3 }), async (revisions, hands) => {
      const lab = createLab(options.makeStore)
      for (const revision of revisions) {
        lab.commit(fleetOf(revision))
        nothingDrifts(await settle(lab))
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
    parameters(options),
  )

/** Nobody touched anything: what differs now is our own doing. */
function nothingDrifts({ outcomes }: Settled): void {
  const plans = outcomes.flat().flatMap((app) => (app.plan ? [app.plan] : []))
  const changes = plans.flatMap((plan) => plan.stages).flatMap((stage) => stage.changes)
  const drifted = changes.filter((change) => change.cause === 'drift').map((change) => `${change.action} ${change.id}`)
  check(drifted.length === 0, () => `drift that nobody caused: ${drifted.join(', ')}`)
}

const byHandArb = fc.record({
  name: fc.constantFrom(...POOL.filter((name) => name.startsWith('Thing') || name.startsWith('Net'))),
  patch: fc.constantFrom<Readonly<Record<string, unknown>> | undefined>({ value: 9 }, { label: 'hand' }, undefined),
})

/** What a person restarted says so for good. */
function withoutTriggers(spec: unknown): unknown {
  const { triggers: _triggers, ...rest } = { ...(spec as { readonly triggers?: unknown } | undefined) }
  return rest
}

export function standsAsDesired(lab: Lab, revision: Revision): void {
  const { world, store } = lab.fleet
  for (const app of desiredOf(fleetOf(revision)).apps.values()) {
    for (const wanted of app.wanted) {
      const object = world.objects.get(wanted.id)
      check(object !== undefined, () => `${wanted.id} was not made`)
      check(
        sameValue(withoutTriggers(object?.spec), wanted.spec),
        () => `${wanted.id} is ${JSON.stringify(object?.spec)}`,
      )
      const recorded = store.record().find((entry) => entry.id === wanted.id)
      check(recorded?.app === app.app && recorded.state === 'owned', () => `${wanted.id} is not recorded in ${app.app}`)
    }
  }
  const desired = lab.desired()
  const left = [...world.objects.keys()].filter((id) => !desired.has(id) && kindOfId(id) !== 'Gen')
  check(left.length === 0, () => `not desired any more, and still there: ${left.join(', ')}`)
}
