import { expect, it } from 'vitest'
import { createFleet, gen, shortId, thing } from '../support/fleet.ts'

const generations = (fleet: ReturnType<typeof createFleet>): number =>
  [...fleet.world.objects.values()].filter((object) => object.kind === 'Gen').length

it('rule 22: old generations of a declared document are kept, and no more than `keep` of them', async () => {
  const fleet = createFleet()
  for (const content of ['a', 'b', 'c', 'd', 'e']) {
    fleet.commit({ web: [gen('password', content, { keeper: { keep: 2 } }), thing('hello')] })
    await fleet.apply()
  }
  await fleet.apply()
  expect(generations(fleet)).toBe(3)
})

it('rule 22: with `keep: 0` none stays longer than a rollback may need it', async () => {
  const fleet = createFleet()
  const keep = (content: string, many: number) => gen('password', content, { keeper: { keep: many } })
  for (const content of ['a', 'b', 'c']) {
    fleet.commit({ web: [keep(content, 2), thing('hello')] })
    await fleet.apply()
  }
  fleet.commit({ web: [keep('d', 0), thing('hello')] })
  await fleet.apply()
  expect(generations(fleet)).toBe(2)
  await fleet.apply()
  expect(generations(fleet)).toBe(1)
  expect(fleet.world.objects.has(shortId(`Gen/${keep('d', 0).name}`))).toBe(true)
})

it('rule 22: the generations of a deleted document go with it', async () => {
  const fleet = createFleet()
  for (const content of ['a', 'b']) {
    fleet.commit({ web: [gen('password', content), thing('hello')] })
    await fleet.apply()
  }
  fleet.commit({ web: [thing('hello')] })
  await fleet.apply()
  expect(generations(fleet)).toBe(0)
  expect(fleet.world.objects.has(shortId('Thing/hello'))).toBe(true)
})
