import { expect, it } from 'vitest'
import type { Rollout } from '../../src/model/resource.ts'
import { createFleet, healthByValue, type TestFleet, thing, type Written } from '../support/fleet.ts'

const HOSTS = ['h1', 'h2', 'h3', 'h4', 'h5']
const FIVE = { targets: HOSTS }
const ROLLOUT: Rollout = { canary: 1, batch: 2, pauseMs: 5_000, unreachable: 'skip' }

/** One document on all hosts, and a file that it comes after on each. */
const everywhere = (value: number, rollout: Partial<Rollout> = {}): readonly Written[] =>
  HOSTS.flatMap((target) => [
    thing('conf', { value }, { target }),
    thing(
      'unit',
      { value },
      { target, after: ['Thing/conf'], keeper: { drift: 'heal', rollout: { ...ROLLOUT, ...rollout } } },
    ),
  ])

async function applied(rollout: Partial<Rollout> = {}): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: everywhere(1, rollout) }, FIVE)
  await fleet.apply()
  fleet.writes()
  fleet.events.length = 0
  return fleet
}

const worldOf = (fleet: TestFleet, name: string) => {
  const world = fleet.worlds.get(name)
  if (!world) throw new Error(`no host ${name}`)
  return world
}

/** Hosts in the order in which their units were begun. */
const begun = (fleet: TestFleet): readonly string[] =>
  fleet.events.flatMap((event) =>
    event.type === 'change' && event.step === 'started' ? [event.id.replace('/Thing/', ' ')] : [],
  )
const values = (fleet: TestFleet): readonly unknown[] =>
  HOSTS.map((host) => (fleet.spec('Thing/unit', host) as { readonly value: number }).value)

/** On this host, and there alone, the new value is bad. */
const breakOn = (fleet: TestFleet, host: string): void => {
  worldOf(fleet, host).healthOf = (id, object) =>
    (object.spec as { readonly value: number }).value === 2
      ? { status: 'degraded', reason: 'TaskFailed', message: 'it ended' }
      : healthByValue(id, object)
}

it('a rollout goes over its hosts: the canary, then batch after batch, each with what comes before it there', async () => {
  const fleet = await applied()
  fleet.commit({ web: everywhere(2) }, FIVE)
  const before = fleet.clock.now().getTime()
  expect((await fleet.run('web')).outcome).toBe('proven')
  const order = begun(fleet)
  expect(order.slice(0, 2)).toEqual(['h1 conf', 'h1 unit'])
  expect(order.slice(2, 6).map((word) => word.slice(0, 2))).toEqual(['h2', 'h3', 'h2', 'h3'])
  expect(order.slice(6).map((word) => word.slice(0, 2))).toEqual(['h4', 'h5', 'h4', 'h5'])
  expect(fleet.clock.now().getTime() - before).toBeGreaterThanOrEqual(10_000)
})

it('a canary that fails stops it: no other host sees the revision, and the canary goes back', async () => {
  const fleet = await applied()
  breakOn(fleet, 'h1')
  fleet.commit({ web: everywhere(2) }, FIVE)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(begun(fleet).filter((word) => !word.startsWith('h1'))).toEqual([])
  expect(values(fleet)).toEqual([1, 1, 1, 1, 1])
})

it('a canary that is ill after the pause, or came back by itself in it, stops it as well', async () => {
  for (const late of [{ status: 'degraded' }, { status: 'healthy', restarts: 1 }] as const) {
    const fleet = await applied()
    const changed = (spec: unknown): boolean => (spec as { readonly value: number }).value === 2
    worldOf(fleet, 'h1').healthOf = (_id, { spec }) =>
      changed(spec) && fleet.events.some((event) => event.type === 'proof:waiting' && /next hosts/.test(event.message))
        ? late
        : { status: 'healthy', restarts: 0 }
    fleet.commit({ web: everywhere(2) }, FIVE)
    expect((await fleet.run('web')).outcome).toBe('rolled-back')
    expect(begun(fleet).filter((word) => !word.startsWith('h1'))).toEqual([])
    expect(values(fleet)).toEqual([1, 1, 1, 1, 1])
  }
})

it('a later batch that fails takes all of them back', async () => {
  const fleet = await applied()
  breakOn(fleet, 'h3')
  fleet.commit({ web: everywhere(2) }, FIVE)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(begun(fleet).filter((word) => /h[45]/.test(word))).toEqual([])
  expect(values(fleet)).toEqual([1, 1, 1, 1, 1])
})

it('a host that does not answer is gone on without; its place as canary is the next one’s', async () => {
  const fleet = await applied()
  worldOf(fleet, 'h1').reachable = false
  fleet.commit({ web: everywhere(2) }, FIVE)
  await fleet.apply()
  expect(begun(fleet).slice(0, 2)).toEqual(['h2 conf', 'h2 unit'])
  expect(values(fleet)).toEqual([1, 2, 2, 2, 2])
})

it('rule 17: a host that came late and fails goes back alone, and is held back alone', async () => {
  const fleet = await applied()
  worldOf(fleet, 'h5').reachable = false
  fleet.commit({ web: everywhere(2) }, FIVE)
  await fleet.apply()
  worldOf(fleet, 'h5').reachable = true
  breakOn(fleet, 'h5')
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(values(fleet)).toEqual([2, 2, 2, 2, 1])
  expect(fleet.store.app('web').held?.members.map(({ id }) => id)).toEqual(['h5/Thing/conf', 'h5/Thing/unit'])
  fleet.writes()
  const { plan } = await fleet.run('web')
  expect(fleet.writes()).toEqual([])
  expect(plan?.held).toEqual([])
})

it('a host that came late and failed keeps nobody from healing the others, which proved good', async () => {
  const fleet = await applied()
  worldOf(fleet, 'h5').reachable = false
  fleet.commit({ web: everywhere(2) }, FIVE)
  await fleet.apply()
  worldOf(fleet, 'h5').reachable = true
  breakOn(fleet, 'h5')
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  fleet.byHand('Thing/unit', { value: 7 }, 'h2')
  await fleet.apply()
  expect(values(fleet)).toEqual([2, 2, 2, 2, 1])
})

it('a host that goes back alone is named: the others run on', async () => {
  const fleet = createFleet()
  fleet.commit({ web: everywhere(1) }, FIVE)
  await fleet.apply()
  worldOf(fleet, 'h5').reachable = false
  fleet.commit({ web: everywhere(2) }, FIVE)
  await fleet.apply()
  worldOf(fleet, 'h5').reachable = true
  breakOn(fleet, 'h5')
  expect((await fleet.run('web')).todo).toMatch(/^running \w+ again on h5; \w+ is held back there until/)
})

it('a host that is lost before its turn keeps no rollback: nothing was written there', async () => {
  const fleet = await applied()
  worldOf(fleet, 'h1').healthOf = (id, object) => {
    if ((object.spec as { readonly value: number }).value !== 2) return healthByValue(id, object)
    worldOf(fleet, 'h5').reachable = false
    return { status: 'degraded', reason: 'TaskFailed', message: 'it ended' }
  }
  fleet.commit({ web: everywhere(2) }, FIVE)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
})

it('a revision that failed is not tried on a host that was away meanwhile', async () => {
  const fleet = await applied()
  worldOf(fleet, 'h5').reachable = false
  breakOn(fleet, 'h1')
  fleet.commit({ web: everywhere(2) }, FIVE)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  worldOf(fleet, 'h5').reachable = true
  fleet.writes()
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
  expect(values(fleet)).toEqual([1, 1, 1, 1, 1])
  fleet.commit({ web: everywhere(3) }, FIVE)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(values(fleet)).toEqual([3, 3, 3, 3, 3])
})

it('hosts that leave, or join, ship nothing that is held back', async () => {
  const fleet = await applied()
  breakOn(fleet, 'h1')
  fleet.commit({ web: everywhere(2) }, FIVE)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  fleet.writes()
  const some = HOSTS.slice(0, 4)
  fleet.commit({ web: everywhere(2).filter(({ target }) => target !== 'h5') }, { targets: some })
  expect((await fleet.run('web')).outcome).toBe('held-back')
  const six = { targets: [...HOSTS, 'h6'] }
  const joined = everywhere(2).flatMap((one) => (one.target === 'h4' ? [one, { ...one, target: 'h6' }] : [one]))
  fleet.commit({ web: joined }, six)
  expect((await fleet.run('web')).outcome).toBe('held-back')
  expect(fleet.writes()).toEqual([])
  fleet.commit({ web: joined.map((one) => ({ ...one, spec: { value: 3 } })) }, six)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/unit', 'h6')).toMatchObject({ value: 3 })
})

it('what was written on a host that is lost during the rollback stays unknown until it is back', async () => {
  const fleet = await applied()
  fleet.commit({ web: everywhere(2) }, FIVE)
  worldOf(fleet, 'h1').healthOf = (id, object) => {
    if ((object.spec as { readonly value: number }).value !== 2) return healthByValue(id, object)
    worldOf(fleet, 'h1').reachable = false
    return { status: 'degraded', reason: 'TaskFailed', message: 'it ended' }
  }
  expect((await fleet.run('web')).outcome).toBe('rolling-back')
  worldOf(fleet, 'h1').reachable = true
  worldOf(fleet, 'h1').healthOf = healthByValue
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(values(fleet)).toEqual([1, 1, 1, 1, 1])
})

it('a host that came late and is well joins the others', async () => {
  const fleet = await applied()
  worldOf(fleet, 'h5').reachable = false
  fleet.commit({ web: everywhere(2) }, FIVE)
  await fleet.apply()
  worldOf(fleet, 'h5').reachable = true
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(values(fleet)).toEqual([2, 2, 2, 2, 2])
})

it('`unreachable: wait` begins nowhere before every host answers, and names the one that does not', async () => {
  const fleet = await applied({ unreachable: 'wait' })
  worldOf(fleet, 'h4').reachable = false
  fleet.commit({ web: everywhere(2, { unreachable: 'wait' }) }, FIVE)
  const outcome = await fleet.run('web')
  expect(begun(fleet)).toEqual([])
  expect(outcome.plan?.held.find(({ id }) => id === 'h1/Thing/unit')).toMatchObject({
    why: 'dependency',
    message: expect.stringContaining('h4'),
  })
  worldOf(fleet, 'h4').reachable = true
  expect((await fleet.run('web')).outcome).toBe('proven')
})

it('drift on one host is healed there, whoever else does not answer', async () => {
  const fleet = await applied({ unreachable: 'wait' })
  worldOf(fleet, 'h4').reachable = false
  fleet.byHand('Thing/unit', { value: 7 }, 'h2')
  await fleet.apply()
  expect(fleet.spec('Thing/unit', 'h2')).toMatchObject({ value: 1 })
})

it('a run that is killed during the pause goes on where it was', async () => {
  const fleet = await applied()
  fleet.commit({ web: everywhere(2) }, FIVE)
  const killed = new AbortController()
  const sleep = fleet.clock.sleep
  fleet.clock.sleep = async (ms, options) => {
    if (ms !== ROLLOUT.pauseMs) return sleep(ms, options)
    killed.abort(new Error('killed'))
    throw killed.signal.reason
  }
  await fleet.apply({ signal: killed.signal }).catch(() => undefined)
  expect(values(fleet)).toEqual([2, 1, 1, 1, 1])
  fleet.clock.sleep = sleep
  fleet.events.length = 0
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(
    begun(fleet)
      .slice(0, 4)
      .map((word) => word.slice(0, 2)),
  ).toEqual(['h2', 'h3', 'h2', 'h3'])
  expect(values(fleet)).toEqual([2, 2, 2, 2, 2])
})
