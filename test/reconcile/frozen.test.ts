import { expect, it } from 'vitest'
import type { Collaborators } from '../../src/reconcile/engine.ts'
import {
  freezeFleet,
  pinApp,
  restartResource,
  resumeApp,
  retryApp,
  suspendApp,
  unfreezeFleet,
  unpinApp,
} from '../../src/reconcile/operator.ts'
import { createFleet, type TestFleet, task, thing } from '../support/fleet.ts'

const ADA = { by: 'ada', reason: 'why not' }

const DECISIONS: Readonly<Record<string, (engine: Collaborators) => unknown>> = {
  rollback: (engine) => pinApp(engine, 'web', { ...ADA, signal: new AbortController().signal }),
  unpin: (engine) => unpinApp(engine, 'pinned', ADA),
  suspend: (engine) => suspendApp(engine, 'web', { ...ADA, forMs: 60_000 }),
  resume: (engine) => resumeApp(engine, 'resting', ADA),
  retry: (engine) => retryApp(engine, 'web', ADA),
  restart: (engine) => restartResource(engine, 'Thing/a', ADA),
  'run-job': (engine) => restartResource(engine, 'Task/t', ADA),
}

async function frozen(): Promise<TestFleet> {
  const fleet = createFleet()
  const apps = { web: [thing('a'), task('t', 'one')], pinned: [thing('p')], resting: [thing('r')] }
  fleet.commit(apps)
  await fleet.apply()
  fleet.commit({ ...apps, web: [thing('a', { value: 2 }), task('t', 'one')] })
  await fleet.apply()
  const engine = fleet.collaborators()
  await pinApp(engine, 'pinned', {
    ...ADA,
    signal: new AbortController().signal,
    to: fleet.store.fleet().lastApplied ?? '',
  })
  suspendApp(engine, 'resting', { ...ADA, forMs: 600_000 })
  await fleet.apply()
  fleet.writes()
  freezeFleet(engine, { by: 'bob', reason: 'incident 12' })
  return fleet
}

const said = async (body: () => unknown): Promise<unknown> => {
  try {
    return await body()
  } catch (error) {
    return error
  }
}

it.each(Object.entries(DECISIONS))(
  'while the fleet is frozen %s is refused, and does not run when it thaws',
  async (_, decide) => {
    const fleet = await frozen()
    const states = fleet.store.apps()
    expect(await said(() => decide(fleet.collaborators()))).toMatchObject({
      reason: 'GuardHeld',
      message: 'the fleet is frozen by bob: incident 12; nothing was decided',
      todo: expect.stringContaining('swarmkeeper unfreeze'),
    })
    expect(fleet.store.apps()).toEqual(states)
    unfreezeFleet(fleet.collaborators())
    await fleet.apply()
    expect(fleet.writes()).toEqual([])
  },
)

it.each(Object.entries(DECISIONS))('once it is not, %s is done', async (_, decide) => {
  const fleet = await frozen()
  unfreezeFleet(fleet.collaborators())
  expect(await said(() => decide(fleet.collaborators()))).not.toBeInstanceOf(Error)
  expect(fleet.store.history({ limit: 1 })[0]).toMatchObject({ what: 'operator', by: 'ada' })
})

it('what is not known is refused, with what was probably meant', async () => {
  const fleet = await frozen()
  unfreezeFleet(fleet.collaborators())
  const engine = fleet.collaborators()
  expect(await said(() => suspendApp(engine, 'wep', { ...ADA, forMs: 1 }))).toMatchObject({
    reason: 'NotFound',
    message: "no app 'wep'; did you mean 'web'?",
  })
  expect(await said(() => restartResource(engine, 'Thing/q', ADA))).toMatchObject({
    reason: 'NotFound',
    message: expect.stringMatching(/^no resource 'Thing\/q'; did you mean 'Thing\/.'\?$/),
  })
  expect(await said(() => fleet.apply({ app: 'wep', retry: true }))).toMatchObject({
    reason: 'NotFound',
    message: "no app 'wep'; did you mean 'web'?",
  })
})
