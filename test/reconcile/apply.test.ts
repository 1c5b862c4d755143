import { expect, it } from 'vitest'
import { createFleet, shortId, thing } from '../support/fleet.ts'

it('applies what a revision declares, and has nothing to do the second time', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello')] })
  const first = await fleet.apply()
  expect(fleet.app(first, 'web').outcome).toBe('proven')
  expect(fleet.world.objects.get(shortId('Thing/hello'))?.stamp?.app).toBe('web')
  fleet.world.writes.length = 0
  const second = await fleet.apply()
  expect(fleet.app(second, 'web').outcome).toBe('unchanged')
  expect(fleet.world.writes).toEqual([])
})

it('rolls a revision back that does not prove healthy, and holds it back', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello', { value: 1 })] })
  await fleet.apply()
  fleet.world.healthOf = (_id, object) =>
    (object.spec as { value: number }).value === 2
      ? { status: 'degraded', message: 'it crashes' }
      : { status: 'healthy', instance: String(object.starts) }
  fleet.commit({ web: [thing('hello', { value: 2 })] })
  const bad = fleet.app(await fleet.apply(), 'web')
  expect(bad).toMatchObject({ outcome: 'rolled-back', reason: 'TaskFailed' })
  expect(fleet.world.objects.get(shortId('Thing/hello'))?.spec).toMatchObject({ value: 1 })
  fleet.world.writes.length = 0
  fleet.commit({ web: [thing('hello', { value: 2 }), thing('other')] })
  const next = fleet.app(await fleet.apply(), 'web')
  expect(next.outcome).toBe('proven')
  expect(fleet.world.writes.filter((what) => what.includes('Thing/'))).toEqual(['create prod/Thing/other'])
  fleet.commit({ web: [thing('hello', { value: 3 }), thing('other')] })
  expect(fleet.app(await fleet.apply(), 'web').outcome).toBe('proven')
})
