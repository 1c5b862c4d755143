import { expect, it } from 'vitest'
import { createFleet, shortId, thing } from '../support/fleet.ts'

const baking = (value: number) => thing('hello', { value }, { keeper: { bakeMs: 60_000 } })

function failing(fleet: ReturnType<typeof createFleet>, value: number): void {
  fleet.world.healthOf = (_id, object) =>
    (object.spec as { value: number }).value === value
      ? { status: 'degraded', message: 'it crashes' }
      : { status: 'healthy', instance: String(object.starts) }
}

it('rule 15: a bake that is over proves its revision, also when the next one is already there', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [baking(1)] })
  expect(fleet.app(await fleet.apply(), 'web').outcome).toBe('applied')
  await fleet.clock.sleep(61_000)
  failing(fleet, 2)
  fleet.commit({ web: [baking(2)] })
  expect(fleet.app(await fleet.apply(), 'web').outcome).toBe('rolled-back')
  expect(fleet.world.objects.get(shortId('Thing/hello'))?.spec).toMatchObject({ value: 1 })
})

it('rule 15: a revision whose bake is not over is not what the next one goes back to', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [baking(1)] })
  await fleet.apply()
  failing(fleet, 2)
  fleet.commit({ web: [baking(2)] })
  expect(fleet.app(await fleet.apply(), 'web').outcome).toBe('held-back')
  expect(fleet.world.objects.get(shortId('Thing/hello'))?.spec).toMatchObject({ value: 2 })
})

it('rule 15: a bake that is over and not well proves nothing', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [baking(1)] })
  await fleet.apply()
  await fleet.clock.sleep(61_000)
  failing(fleet, 1)
  expect(fleet.app(await fleet.apply(), 'web').outcome).toBe('held-back')
  expect(fleet.store.app('web').lastGood).toBeUndefined()
})
