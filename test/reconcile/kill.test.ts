import { expect, it } from 'vitest'
import { resumeApp, suspendApp } from '../../src/reconcile/operator.ts'
import { createFleet, shortId, type TestFleet, task, thing } from '../support/fleet.ts'

/** Process gone at this write: before it takes effect, or after it with the answer lost. Nothing is recorded any more. */
async function killedAt(fleet: TestFleet, what: string, side: 'before' | 'after'): Promise<void> {
  const { store } = fleet
  const dead = (): never => {
    throw new Error('killed')
  }
  let alive = true
  const hook = (written: string): void => {
    if (written === what) alive = false
    if (!alive) dead()
  }
  if (side === 'before') fleet.world.beforeWrite = hook
  else fleet.world.afterWrite = hook
  const writes = [
    'putRecorded',
    'forget',
    'putApp',
    'dropApp',
    'setLastGood',
    'putFleet',
    'addHistory',
    'markIntent',
  ] as const
  const mortal = Object.fromEntries(
    writes.map((name) => [
      name,
      (...args: unknown[]) => (alive ? (store[name] as (...all: unknown[]) => unknown)(...args) : dead()),
    ]),
  )
  fleet.store = {
    ...store,
    ...mortal,
    transaction: (body) => (alive ? store.transaction(body) : dead()),
  }
  await fleet.apply().catch(() => undefined)
  fleet.store = store
  fleet.world.beforeWrite = () => {}
  fleet.world.afterWrite = () => {}
  fleet.world.holder = undefined
  fleet.writes()
}

it('rule 14: killed before a create: intended, not there, made at the next start', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await killedAt(fleet, 'create prod/Thing/a', 'before')
  expect(fleet.store.record()).toMatchObject([{ id: 'prod/Thing/a', state: 'intended' }])
  expect(fleet.store.openIntents()).toMatchObject([{ id: 'prod/Thing/a', step: 'started' }])
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.writes()).toEqual(['create prod/Thing/a'])
  expect(fleet.store.openIntents()).toEqual([])
})

it('rule 14: killed after a create: found by its stamp, proven, and not made twice', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await killedAt(fleet, 'create prod/Thing/a', 'after')
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.writes()).toEqual([])
  expect(fleet.store.record()).toMatchObject([{ state: 'owned' }])
})

it('rule 14: what a killed run made and nobody wants any more is pruned: no orphan', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await killedAt(fleet, 'create prod/Thing/a', 'after')
  fleet.commit({ web: [thing('b')] })
  await fleet.apply()
  expect(fleet.spec('Thing/a')).toBeUndefined()
  expect(fleet.store.record().map((entry) => entry.id)).toEqual([shortId('Thing/b')])
})

it('rule 14: killed after a job began, it does not run twice', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'one'), thing('a', {}, { after: ['Task/migrate'] })] })
  await killedAt(fleet, 'create prod/Task/migrate', 'after')
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.world.objects.get(shortId('Task/migrate'))?.starts).toBe(1)
})

it('rule 14: killed after a prune: it is known to be gone', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('b')] })
  await killedAt(fleet, 'prune prod/Thing/a', 'after')
  await fleet.apply()
  expect(fleet.store.record().map((entry) => entry.id)).toEqual([shortId('Thing/b')])
})

it('rule 14: killed in the middle of a bad revision: what it did is judged before it goes on, and it goes back', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 100 }), thing('b', { value: 2 }, { after: ['Thing/a'] }), thing('new')] })
  await killedAt(fleet, 'update prod/Thing/a', 'after')
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 1 })
  expect(fleet.spec('Thing/new')).toBeUndefined()
})

it('rule 16: killed in a rollback, it goes on with it, also when a newer revision is there', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 100 }), thing('b', { value: 100 })] })
  let updates = 0
  const { store } = fleet
  fleet.world.beforeWrite = (what) => {
    if (what === 'update prod/Thing/b') updates += 1
    if (updates === 2) throw new Error('killed')
  }
  fleet.wrapTarget = (target) => ({
    ...target,
    observe: async (wanted, options) => {
      if (updates === 2) throw new Error('killed')
      return target.observe(wanted, options)
    },
  })
  await fleet.apply()
  fleet.wrapTarget = (target) => target
  fleet.world.beforeWrite = () => {}
  expect(store.app('web').attempt?.phase).toBe('rolling-back')
  fleet.commit({ web: [thing('a', { value: 3 }), thing('b', { value: 100 })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 1 })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
})

it('rule 16: a newer revision that cannot be read does not stop a rollback', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 100 })] })
  fleet.world.afterWrite = (what) => {
    if (what !== 'update prod/Thing/a') return
    fleet.world.afterWrite = () => {}
    fleet.world.healthOf = () => {
      fleet.world.reachable = false
      return { status: 'degraded', message: 'it crashes' }
    }
  }
  expect((await fleet.run('web')).outcome).toBe('rolling-back')
  fleet.world.reachable = true
  fleet.world.healthOf = () => ({ status: 'healthy' })
  fleet.commit({ web: { resources: [], broken: true } })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('rule 14: open intents are closed by what is seen: done, not done', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('gone'), thing('stays')] })
  await fleet.apply()
  const closed = new Map<string, string>()
  const { store } = fleet
  const intent = { attempt: 'x', app: 'web', step: 'started', note: {}, at: fleet.clock.now().toISOString() } as const
  const seqs = new Map([
    [store.addIntent({ ...intent, id: shortId('Thing/stays'), action: 'create' }), 'create'],
    [store.addIntent({ ...intent, id: shortId('Thing/stays'), action: 'prune' }), 'prune'],
    [store.addIntent({ ...intent, id: shortId('Thing/never'), action: 'create' }), 'unseen'],
  ])
  fleet.store = {
    ...store,
    markIntent: (seq, step, note, closedAt) => {
      const name = seqs.get(seq)
      if (name && closedAt) closed.set(name, step)
      store.markIntent(seq, step, note, closedAt)
    },
  }
  await fleet.apply()
  expect(Object.fromEntries(closed)).toEqual({ create: 'applied', prune: 'not-run', unseen: 'unknown' })
})

it('rule 6: killed as an app is resumed: what was applied while it rested is proven all the same', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  suspendApp(fleet.collaborators(), 'web', { by: 'ada', forMs: 3_600_000 })
  fleet.commit({ web: [thing('a', { value: 100 })] })
  await fleet.apply()
  resumeApp(fleet.collaborators(), 'web', { by: 'ada' })
  await killedAt(fleet, 'update prod/Thing/a', 'after')
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toEqual({ value: 1 })
})
