import fc from 'fast-check'
import { sameValue } from '../../../src/model/digest.ts'
import type { ResourceId } from '../../../src/model/id.ts'
import { createLab, isAnswered, kindOfId, type Settled, type Standing, settle, specIn, standing } from './lab.ts'
import { check, type Law, parameters } from './law.ts'
import { fleetOf, revisionArb, tellRevisions, told, WITH_BAD } from './revisions.ts'

const goodThenBad = told(
  fc.tuple(
    revisionArb({ drift: ['safe', 'heal'] }),
    revisionArb({ values: WITH_BAD, runKeys: ['k0', 'k1', 'bad'], drift: ['safe', 'heal'] }),
  ),
  tellRevisions,
)

/** Rule 16: what an app changed in a revision that failed is as it was; what it made is gone; jobs do not run backwards. */
export const rollbackRestores: Law = (options) =>
  fc.assert(
    fc.asyncProperty(goodThenBad, async ([good, bad]) => {
      const lab = createLab(options.makeStore)
      lab.commit(fleetOf(good))
      await settle(lab)
      const before = standing(lab)
      const wasIn = lab.desired()
      lab.commit(fleetOf(bad))
      const back = rolledBackIn(await settle(lab))
      const after = standing(lab)
      for (const app of back) isAsItWas(app, { before, after, wasIn, isIn: lab.desired() })
    }),
    parameters(options),
  )

function rolledBackIn({ outcomes }: Settled): ReadonlySet<string> {
  const back = new Set(outcomes.flat().flatMap((app) => (app.outcome === 'rolled-back' ? [app.app] : [])))
  // What a person confirmed goes on after the rollback.
  for (const app of outcomes.flat()) if (app.guards.some(isAnswered)) back.delete(app.app)
  return back
}

const ALWAYS = { windows: [{ deny: '00:00 - 24:00', timezone: 'UTC' }] }

/** Rule 16: what began before a maintenance window goes back in it as it would at any other time, and all the way. */
export const windowStopsNoRollback: Law = (options) =>
  fc.assert(
    fc.asyncProperty(goodThenBad, async ([good, bad]) => {
      const lab = createLab(options.makeStore)
      lab.commit(fleetOf(good))
      await settle(lab)
      const before = standing(lab)
      const wasIn = lab.desired()
      lab.commit(fleetOf(bad))
      const begun = await lab.fleet.apply()
      lab.commit(fleetOf(bad), ALWAYS)
      lab.setLate(true)
      const { outcomes } = await settle(lab)
      const after = standing(lab)
      const back = rolledBackIn({ outcomes: [begun.apps, ...outcomes] })
      for (const app of back) isAsItWas(app, { before, after, wasIn, isIn: lab.desired() })
      const left = lab.fleet.store.apps().filter(({ attempt }) => attempt !== undefined)
      check(left.length === 0, () => `the window stopped ${left.map(({ app }) => app).join(', ')} half way`)
    }),
    parameters(options),
  )

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
