import { expect, it } from 'vitest'
import { commandOf } from '../../src/model/outcome.ts'
import { freezeFleet, suspendApp } from '../../src/reconcile/operator.ts'
import { createFleet, shortId, type TestFleet, thing } from '../support/fleet.ts'

const BAD = 100
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const fleetOf = (value: number) => Object.fromEntries(NAMES.map((name) => [name, [thing(name, { value })]]))
const short = (revision: string): string => revision.slice(0, 12)

/** All apps are good; then the first of them fail, and the revision is stopped. */
async function stopped(): Promise<{ readonly fleet: TestFleet; readonly revision: string }> {
  const fleet = createFleet()
  fleet.commit(fleetOf(1))
  await fleet.apply()
  const revision = fleet.commit(fleetOf(BAD), { maxFailedApps: 1 })
  return { fleet, revision }
}

it('what failed as the last that may fail is told to be retried past the guard, not by a retry that does nothing', async () => {
  const { fleet, revision } = await stopped()
  const { outcome, todo } = await fleet.run('a')
  expect(outcome).toBe('rolled-back')
  expect(todo).toContain(`swarmkeeper apply --retry --confirm failures:${short(revision)} --app a`)
})

it('a retry that the guard stops, and every later apply, say the command that works; and it does', async () => {
  const { fleet, revision } = await stopped()
  await fleet.apply()
  const command = `swarmkeeper apply --retry --confirm failures:${short(revision)} --app a`
  const refused = fleet.app(await fleet.apply({ app: 'a', retry: true }), 'a')
  expect(refused).toMatchObject({ outcome: 'waiting', reason: 'GuardHeld' })
  expect(refused.guards.map(commandOf)).toEqual([command])
  expect(await fleet.run('a')).toMatchObject({ outcome: 'held-back', todo: `edit what failed, or: ${command}` })
  fleet.world.healthOf = () => ({ status: 'healthy', instance: '1' })
  const past = await fleet.apply({ app: 'a', retry: true, confirm: [`failures:${short(revision)}`] })
  expect(fleet.app(past, 'a').outcome).toBe('proven')
})

it('what was never tried needs the confirmation alone', async () => {
  const { fleet, revision } = await stopped()
  const outcomes = (await fleet.apply()).apps
  const waiting = outcomes.find((app) => app.outcome === 'waiting')
  expect(waiting?.guards.map(commandOf)).toEqual([`swarmkeeper apply --confirm failures:${short(revision)}`])
})

it('before too many failed, a plain retry is what works', async () => {
  const fleet = createFleet()
  fleet.commit(fleetOf(1))
  await fleet.apply()
  fleet.commit(fleetOf(BAD), { maxFailedApps: 3 })
  expect((await fleet.run('a')).todo).toMatch(/swarmkeeper retry a$/)
})

it('another history names the confirmation that accepts it', async () => {
  const fleet = createFleet()
  fleet.commit(fleetOf(1))
  await fleet.apply()
  fleet.rewriteHistory()
  const revision = fleet.commit(fleetOf(2))
  const { reason, todo } = await fleet.run('a')
  expect({ reason, todo }).toEqual({
    reason: 'RevisionNotDescendant',
    todo: `see what was pushed; if it is meant: swarmkeeper apply --confirm revision:${short(revision)}`,
  })
  expect((await fleet.run('a', { confirm: [`revision:${short(revision)}`] })).outcome).toBe('proven')
})

it('a frozen fleet names unfreeze', async () => {
  const fleet = createFleet()
  fleet.commit(fleetOf(1))
  freezeFleet(fleet.collaborators(), { by: 'ana' })
  const { message, todo } = await fleet.run('a')
  expect({ message, todo }).toEqual({ message: 'the fleet is frozen by ana', todo: 'swarmkeeper unfreeze' })
})

it('an app that waits for another says what that one needs', async () => {
  const fleet = createFleet()
  fleet.commit({ base: [thing('b')], web: { resources: [thing('w')], dependsOnApps: ['base'] } })
  await fleet.apply()
  fleet.commit({
    base: [thing('b', { value: BAD })],
    web: { resources: [thing('w', { value: 2 })], dependsOnApps: ['base'] },
  })
  expect((await fleet.run('web')).todo).toMatch(/^it goes on by itself once base is well; for base: .*retry base$/)
})

it('what was interrupted says that nothing is lost', async () => {
  const fleet = createFleet()
  fleet.commit(fleetOf(1))
  const interrupted = new AbortController()
  fleet.world.afterWrite = () => interrupted.abort(new Error('interrupted by SIGINT'))
  const { outcome, todo } = fleet.app(await fleet.apply({ signal: interrupted.signal }), 'a')
  expect(outcome).toBe('unknown')
  expect(todo).toBe('nothing is lost: the next apply looks at what is there, and goes on')
})

const foreign = (install?: string) => ({
  kind: 'Thing',
  spec: { value: 1 },
  starts: 1,
  version: 1,
  ...(install === undefined ? {} : { stamp: { install, app: 'x', digest: 'd' } }),
})

it.each([
  ['of nobody is adopted by its id', undefined, 'as it is: swarmkeeper apply --adopt prod/Thing/a'],
  [
    'of another install is not told to be adopted',
    'other',
    'declare it in one of the two installs only, or under another name here',
  ],
])('what exists and is %s', async (_what, install, todo) => {
  const fleet = createFleet()
  fleet.commit({ a: [thing('a')] })
  fleet.world.objects.set(shortId('Thing/a'), foreign(install))
  expect(await fleet.run('a')).toMatchObject({ outcome: 'waiting', reason: 'Conflict', todo })
  if (install !== undefined) return
  expect((await fleet.run('a', { adopt: ['prod/Thing/a'] })).outcome).toBe('proven')
})

it('an interrupted run calls no target lost', async () => {
  const fleet = createFleet()
  fleet.commit(fleetOf(1))
  const interrupted = new AbortController()
  fleet.world.afterWrite = () => interrupted.abort(new Error('interrupted by SIGINT'))
  fleet.wrapTarget = (target) => ({
    ...target,
    writeRecord: async (next, call) => {
      call.signal.throwIfAborted()
      await target.writeRecord(next, call)
    },
  })
  await fleet.apply({ signal: interrupted.signal })
  expect(fleet.events.filter((event) => event.type === 'target:unreachable')).toEqual([])
})

it('an app that is put to rest says how it is waked, at once and at every later run', async () => {
  const fleet = createFleet()
  fleet.commit(fleetOf(1))
  await fleet.apply()
  suspendApp(fleet.collaborators(), 'a', { by: 'ana', reason: 'costs', forMs: 3_600_000 })
  const todo = 'it ends by itself; sooner: swarmkeeper resume a'
  expect(await fleet.run('a')).toMatchObject({ outcome: 'done', todo })
  expect(await fleet.run('a')).toMatchObject({ outcome: 'suspended', todo })
})
