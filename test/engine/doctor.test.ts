import { expect, it } from 'vitest'
import { type Examined, examine } from '../../src/engine/doctor.ts'
import type { DoctorFinding } from '../../src/model/engine.ts'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { freezeFleet, pinApp, suspendApp } from '../../src/reconcile/operator.ts'
import { planApps } from '../../src/reconcile/plan-apps.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { createFleet, type TestFleet, thing } from '../support/fleet.ts'

const ask = { by: 'test', signal: new AbortController().signal, readOnly: true }
const settings = {
  install: 'test',
  repository: { url: 'https://git.example/fleet.git', branch: 'main' },
  database: '/tmp/db.sqlite',
} as Settings

function examined(fleet: TestFleet): Examined {
  const engine = fleet.collaborators()
  return {
    settings,
    clock: fleet.clock,
    source: engine.source,
    stores: {
      reading: (body) => body(fleet.store),
      writing: async () => fleet.store,
      close: () => {},
    },
    look: async (body) => {
      const look = await lookAtFleet(engine, ask)
      return body({ install: 'test', store: fleet.store, look, planned: await planApps(engine, look, ask) })
    },
  }
}

async function findings(fleet: TestFleet): Promise<readonly DoctorFinding[]> {
  const all = await examine(examined(fleet), ask)
  return all.filter(({ subject, level }) => level !== 'ok' && subject !== 'disk')
}

async function running(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: [thing('web')] })
  await fleet.apply()
  return fleet
}

it('of a fleet that is well says so, and nothing more', async () => {
  const fleet = await running()
  expect(await findings(fleet)).toEqual([])
  expect((await examine(examined(fleet), ask)).find(({ subject }) => subject === 'apps')).toEqual({
    subject: 'apps',
    level: 'ok',
    message: '1, none waits for a person',
  })
})

it('of a new installation does not speak of a database that is not there', async () => {
  const all = await examine({ ...examined(createFleet()), settings: { ...settings, database: '/nowhere/new.db' } }, ask)
  expect(all.find(({ subject }) => subject === 'database')).toEqual({
    subject: 'database',
    level: 'ok',
    message: '/nowhere/new.db, not there yet: the first apply makes it',
  })
})

it('names targets that are one under two names: they would write over each other', async () => {
  const fleet = createFleet()
  fleet.worlds.set('again', fleet.world)
  fleet.commit({ web: [thing('web')] }, { targets: ['prod', 'again', 'other'] })
  await fleet.apply()
  expect(await findings(fleet)).toMatchObject([
    { subject: 'targets', level: 'error', message: 'again and prod are the same one, by its identity id-of-prod' },
  ])
})

it('names the freeze, with who, why and the way out', async () => {
  const fleet = await running()
  freezeFleet(fleet.collaborators(), { by: 'ana', reason: 'the racks move' })
  expect(await findings(fleet)).toEqual([
    {
      subject: 'fleet',
      level: 'warning',
      message: 'the fleet is frozen by ana: the racks move',
      todo: 'swarmkeeper unfreeze',
    },
  ])
})

it('names a pin, a suspension and what is held back', async () => {
  const fleet = createFleet()
  const apps = (value: number) => ({ a: [thing('a')], b: [thing('b')], c: [thing('c', { value })] })
  const first = fleet.commit(apps(1))
  await fleet.apply()
  const second = fleet.commit(apps(100))
  await fleet.apply()
  const engine = fleet.collaborators()
  await pinApp(engine, 'a', { by: 'ana', to: first, signal: ask.signal, reason: 'checkout is broken' })
  suspendApp(engine, 'b', { by: 'bob', reason: 'costs', forMs: 3_600_000 })
  expect(await findings(fleet)).toMatchObject([
    {
      subject: 'app a',
      message: `pinned to ${first.slice(0, 12)} by ana: checkout is broken`,
      todo: 'swarmkeeper unpin a',
    },
    {
      subject: 'app b',
      message: expect.stringMatching(/^suspended by bob until .*Z: costs$/),
      todo: 'swarmkeeper resume b',
    },
    {
      subject: 'app c',
      message: expect.stringContaining(`${second.slice(0, 12)} is held back: `),
      todo: expect.stringMatching(/swarmkeeper retry c$/),
    },
  ])
})

it('calls another history an error, with the confirmation that accepts it', async () => {
  const fleet = await running()
  fleet.rewriteHistory()
  const revision = fleet.commit({ web: [thing('web')] })
  expect(await findings(fleet)).toMatchObject([
    {
      subject: 'fleet',
      level: 'error',
      todo: expect.stringContaining(`swarmkeeper apply --confirm revision:${revision.slice(0, 12)}`),
    },
  ])
})

it('names what stalled, and what could not be removed', async () => {
  const fleet = await running()
  const state = fleet.store.app('web')
  const digest = (await lookAtFleet(fleet.collaborators(), ask)).apps.get('web')?.digest
  if (!digest) throw new Error('no such app')
  fleet.store.putApp({ ...state, stalled: { reason: 'TaskFailed', message: 'exit 1', at: 'now', digest } })
  const [recorded] = fleet.store.record()
  if (!recorded) throw new Error('nothing is recorded')
  fleet.store.putRecorded([{ ...recorded, id: 'prod/Thing/old' as typeof recorded.id, state: 'retiring' }])
  expect(await findings(fleet)).toMatchObject([
    { subject: 'app web', message: 'TaskFailed: exit 1', todo: expect.stringMatching(/swarmkeeper retry web$/) },
    { subject: 'app web', message: 'not removed yet: prod/Thing/old' },
  ])
})

it('says which Swarm answers in place of the one that was known', async () => {
  const fleet = await running()
  Object.assign(fleet.world, { identity: 'another' })
  expect(await findings(fleet)).toMatchObject([
    {
      subject: 'target prod',
      level: 'error',
      message: expect.stringContaining('another'),
      todo: expect.stringContaining('swarmkeeper rebuild --confirm target:prod'),
    },
  ])
})

it.each<readonly [string, number, string | undefined]>([
  ['the same', 0, undefined],
  ['4 s behind', -4_000, undefined],
  ['42 s ahead', 42_000, '42.0 s ahead of the clock of this machine'],
  ['6 min behind', -360_000, '360.0 s behind the clock of this machine'],
])('compares the clock of a target with ours: %s', async (_what, skew, message) => {
  const fleet = await running()
  fleet.wrapTarget = (target) => ({
    ...target,
    time: async () => new Date(fleet.clock.now().getTime() + skew),
  })
  const found = (await findings(fleet)).map((finding) => ({ subject: finding.subject, message: finding.message }))
  expect(found).toEqual(message === undefined ? [] : [{ subject: 'clock of prod', message }])
})

it('does not blame a slow answer on the clock', async () => {
  const fleet = await running()
  fleet.wrapTarget = (target) => ({
    ...target,
    time: async () => {
      const at = fleet.clock.now()
      fleet.clock.jump(20_000)
      return at
    },
  })
  expect(await findings(fleet)).toEqual([])
})
