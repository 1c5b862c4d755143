import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expandRepository } from '../desired/expand/expand-world.ts'
import { repo } from '../support/repository.ts'

const names = ['a', 'b', 'c', 'd'] as const
const name = fc.constantFrom(...names)

/** Documents that may be wrong in every way that expansion knows: twice, in a circle, naming nothing. */
const document = fc.oneof(
  fc.record({ kind: fc.constant('Service'), name, image: fc.constantFrom('x:1', 'x:2'), ...uses() }),
  fc.record({ kind: fc.constant('Service'), name, image: fc.constant('x:1'), keeper: dependsOn() }),
  fc.record({ kind: fc.constant('Service'), name, target: fc.constantFrom('prod', 'nowhere') }),
  fc.record({
    kind: fc.constant('Job'),
    name,
    when: fc.constantFrom('before', 'after'),
    triggers: fc.uniqueArray(reference(), { maxLength: 2 }),
    service: fc.record({ image: fc.constant('x:1'), ...uses() }),
    keeper: dependsOn(),
  }),
  fc.record({ kind: fc.constant('Secret'), name, from: fc.constantFrom('settings:DB_PASSWORD', 'settings:NOPE') }),
  fc.record({ kind: fc.constant('Network'), name, external: fc.boolean() }),
)

function uses() {
  return { secrets: fc.uniqueArray(name, { maxLength: 2 }), networks: fc.uniqueArray(name, { maxLength: 1 }) }
}

function reference() {
  return fc.tuple(fc.constantFrom('Service', 'Job', 'Network'), name).map(([kind, of]) => `${kind}/${of}`)
}

function dependsOn() {
  return fc.record({ dependsOn: fc.uniqueArray(reference(), { maxLength: 2 }) })
}

const files = fc
  .array(fc.tuple(fc.constantFrom('one', 'two', 'three'), fc.array(document, { minLength: 1, maxLength: 4 })), {
    maxLength: 6,
  })
  .map((all) =>
    Object.fromEntries(
      all.map(([app, documents], index) => [
        `apps/${app}/${index}.yaml`,
        documents.map((value) => JSON.stringify(value)).join('\n---\n'),
      ]),
    ),
  )

/** Without the way to look up where a field was written, which is a function. */
function declared(repository: Parameters<typeof expandRepository>[0]) {
  const { where: _where, ...desired } = expandRepository(repository)
  return desired
}

test('what a revision declares does not depend on the order in which its documents are read', () => {
  const shuffled = files.chain((texts) => {
    const repository = repo(texts)
    const { documents } = repository.documents
    return fc.shuffledSubarray([...documents], { minLength: documents.length }).map((order) => ({ repository, order }))
  })
  fc.assert(
    fc.property(shuffled, ({ repository, order }) => {
      const again = { ...repository, documents: { ...repository.documents, documents: order } }
      expect(declared(again)).toEqual(declared(repository))
    }),
    { numRuns: 1000 },
  )
})

test('an app without errors is whole: everything that it waits for is declared, and nothing waits for itself', () => {
  fc.assert(
    fc.property(files, (texts) => {
      const { apps } = expandRepository(repo(texts))
      const sound = [...apps.values()].filter((app) => !app.broken)
      const all = new Map([...apps.values()].flatMap((app) => app.wanted).map((wanted) => [wanted.id, wanted]))
      const done = new Set<string>()
      const soundIds = new Set(sound.flatMap((app) => app.wanted.map((wanted) => wanted.id)))
      const wait = new Set(soundIds)
      for (let before = -1; before !== done.size; ) {
        before = done.size
        for (const id of wait) {
          const ready = all.get(id)?.after.every((other) => done.has(other) || !soundIds.has(other))
          if (ready && wait.delete(id)) done.add(id)
        }
      }
      expect([...wait]).toEqual([])
    }),
    { numRuns: 1000 },
  )
})
