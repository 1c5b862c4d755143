import fc from 'fast-check'
import { sameValue } from '../../../src/model/digest.ts'
import { createLab, settle, standing } from './lab.ts'
import { check, type Law, parameters, show } from './law.ts'
import { fleetOf, GOOD, revisionArb, tellRevisions, told, WITH_BAD } from './revisions.ts'

const orderCase = told(
  fc.tuple(
    revisionArb({ runKeys: ['k0', 'k1'] }),
    revisionArb({ values: [...GOOD, ...WITH_BAD], runKeys: ['k0', 'k1', 'bad'] }),
  ),
  tellRevisions,
)

/** Rule 1: the plan does not depend on the order of documents, nor on which of two files an app's documents stand in. */
export const orderDoesNotMatter: Law = (options) =>
  fc.assert(
    fc.asyncProperty(orderCase, fc.infiniteStream(fc.nat()), async (revisions, stream) => {
      const plain = createLab(options.makeStore)
      const turned = createLab(options.makeStore)
      for (const revision of revisions) {
        plain.commit(fleetOf(revision))
        turned.commit(fleetOf(revision, shuffled(stream)))
        const [a, b] = [await settle(plain), await settle(turned)]
        const [first, second] = [plansOf(a), plansOf(b)]
        check(sameValue(first, second), () => `plans differ:\n ${show(first)}\n ${show(second)}`)
      }
      check(sameValue(standing(plain), standing(turned)), () => 'the worlds differ')
    }),
    parameters(options),
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
          settled: app.plan?.settled.map((change) => change.id),
          held: app.plan?.held.map((held) => `${held.why} ${held.id}`),
        },
      ]),
    ),
  )
}
