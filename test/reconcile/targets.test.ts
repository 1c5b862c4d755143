import { expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import type { Target } from '../../src/model/target.ts'
import { createFleet, type TestFleet, thing, type Written } from '../support/fleet.ts'

const on = (target: string, name: string, value = 1, after: readonly string[] = []): Written =>
  thing(name, { value }, { target, after })

const TWO = { targets: ['prod', 'edge'] }

async function twoTargets(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: [on('prod', 'a')], far: [on('edge', 'b')] }, TWO)
  await fleet.apply()
  fleet.writes()
  return fleet
}

const edge = (fleet: TestFleet) => {
  const world = fleet.worlds.get('edge')
  if (!world) throw new Error('no such world')
  return world
}

it('rule 19: a dead target is unknown, and costs its own apps only', async () => {
  const fleet = await twoTargets()
  edge(fleet).reachable = false
  fleet.commit({ web: [on('prod', 'a', 2)], far: [on('edge', 'b', 2)] }, TWO)
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'web').outcome).toBe('proven')
  expect(fleet.app(outcome, 'far')).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('edge') })
  expect(outcome.look.live.unreachable.get('edge')).toContain('does not answer')
  edge(fleet).reachable = true
  expect((await fleet.run('far')).outcome).toBe('proven')
})

it('rule 19: what is on a dead target is neither forgotten nor pruned nor made good', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [on('prod', 'a'), on('edge', 'b')] }, TWO)
  await fleet.apply()
  edge(fleet).reachable = false
  fleet.commit({ web: [on('prod', 'a', 2), on('edge', 'b', 2)] }, TWO)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.store.lastGood('web').find((one) => one.id === 'edge/Thing/b')?.spec).toMatchObject({ value: 1 })
  fleet.commit({ web: [on('prod', 'a', 2)] }, TWO)
  await fleet.apply()
  expect(fleet.store.record().map((entry) => entry.id)).toContain('edge/Thing/b')
  edge(fleet).reachable = true
  await fleet.apply()
  expect(fleet.spec('Thing/b', 'edge')).toBeUndefined()
})

it('rule 19: what must come after something that cannot be seen waits for it', async () => {
  const fleet = await twoTargets()
  edge(fleet).reachable = false
  const after = { after: ['Thing/x'] }
  fleet.commit({ far: [on('edge', 'b')], web: [on('prod', 'a'), on('edge', 'x'), thing('y', {}, after)] }, TWO)
  const outcome = await fleet.run('web')
  expect(outcome.plan?.held.map(({ id, why }) => `${why} ${id}`)).toContain('unknown edge/Thing/x')
  edge(fleet).reachable = true
  await fleet.apply()
  expect(fleet.spec('Thing/x', 'edge')).toBeDefined()
})

it('rule 19: a target that dies in the middle leaves its step unknown, and nothing is judged', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b', { value: 2 }, { after: ['Thing/a'] })] })
  fleet.world.afterWrite = (what) => {
    if (what === 'update prod/Thing/a') {
      fleet.world.reachable = false
      throw new ReconcileError('TargetUnreachable', { message: 'the connection was reset' })
    }
  }
  const outcome = await fleet.run('web')
  expect(outcome.outcome).toBe('unknown')
  expect(outcome.steps.map(({ id, step }) => `${id} ${step}`)).toEqual(['prod/Thing/a unknown', 'prod/Thing/b not-run'])
  expect(fleet.store.app('web').held).toBeUndefined()
  fleet.world.reachable = true
  fleet.world.afterWrite = () => {}
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.writes()).toEqual(['update prod/Thing/b'])
})

/** Some say it in the look itself, which saves a question, and some are asked. */
const SAID_BY = {
  'the look': (target: Target): Target => ({
    ...target,
    identity: async () => Promise.reject(new Error('asked for nothing')),
    observe: async (wanted, options) => ({ ...(await target.observe(wanted, options)), identity: 'another' }),
  }),
  itself: (target: Target): Target => ({
    ...target,
    identity: async () => 'another',
    observe: async (wanted, options) => {
      const { identity: _, ...seen } = await target.observe(wanted, options)
      return seen
    },
  }),
}

it.each(Object.entries(SAID_BY))(
  'rule 9: another Swarm under the same name is refused, and nothing is written to it, as said by %s',
  async (_, another) => {
    const fleet = await twoTargets()
    fleet.wrapTarget = (target) => (target.name === 'edge' ? another(target) : target)
    fleet.commit({ web: [on('prod', 'a', 2)], far: [on('edge', 'b', 2)] }, TWO)
    const outcome = await fleet.apply()
    expect(fleet.app(outcome, 'far')).toMatchObject({
      outcome: 'unknown',
      message: expect.stringContaining('id-of-edge'),
    })
    expect(fleet.writes()).toEqual(['update prod/Thing/a'])
  },
)

it('rule 9: what the identity is called there is said with it', async () => {
  const fleet = await twoTargets()
  fleet.wrapTarget = (target) =>
    target.name === 'edge' ? { ...SAID_BY['the look'](target), identifiedBy: 'machine-id' } : target
  fleet.commit({ web: [on('prod', 'a')], far: [on('edge', 'b', 2)] }, TWO)
  const { message } = await fleet.run('far')
  expect(message).toContain("'edge' is machine-id another now, and was id-of-edge when it was first seen")
})

it('rule 19: a target that cannot be opened is one that does not answer', async () => {
  const fleet = await twoTargets()
  fleet.wrapTarget = (target) => {
    if (target.name === 'edge') throw new ReconcileError('InvalidSettings', { message: 'no credential `edge-key`' })
    return target
  }
  fleet.commit({ web: [on('prod', 'a', 2)], far: [on('edge', 'b', 2)] }, TWO)
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'web').outcome).toBe('proven')
  expect(fleet.app(outcome, 'far')).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('edge-key') })
})

it('a removed target leaves what is on it alone, in the record', async () => {
  const fleet = await twoTargets()
  fleet.commit({ web: [on('prod', 'a')] }, { targets: ['prod'] })
  await fleet.apply()
  expect(fleet.spec('Thing/b', 'edge')).toBeDefined()
  expect(fleet.store.record().map((entry) => entry.id)).toContain('edge/Thing/b')
})
