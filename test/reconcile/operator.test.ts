import { describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import { freezeFleet, knownId, restartResource, unfreezeFleet } from '../../src/reconcile/operator.ts'
import { createFleet, gen, type TestFleet, task, thing } from '../support/fleet.ts'

const ADA = { by: 'ada' }

async function running(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: [thing('web'), gen('token', 'one'), task('migrate', '1')] })
  await fleet.apply()
  return fleet
}

function refusal(body: () => unknown): Pick<ReconcileError, 'reason' | 'message' | 'todo'> {
  try {
    body()
  } catch (error) {
    if (error instanceof ReconcileError) return error
    throw error
  }
  throw new Error('it was not refused')
}

describe('what a person names', () => {
  it.each(['prod/Thing/web', 'Thing/web', 'web'])('is found as %s', async (text) => {
    expect(knownId((await running()).collaborators(), text)).toBe('prod/Thing/web')
  })

  it('is a generation by the name of its document, and of several the one that is declared now', async () => {
    const fleet = await running()
    const first = knownId(fleet.collaborators(), 'Gen/token')
    expect(first).toMatch(/^prod\/Gen\/token_[0-9a-f]{12}$/)
    expect(knownId(fleet.collaborators(), first)).toBe(first)
    fleet.commit({ web: [thing('web'), gen('token', 'two'), task('migrate', '1')] })
    await fleet.apply()
    const second = knownId(fleet.collaborators(), 'token')
    expect(fleet.store.record().map((entry) => entry.id)).toEqual(expect.arrayContaining([first, second]))
    expect(second).toMatch(/^prod\/Gen\/token_[0-9a-f]{12}$/)
    expect(second).not.toBe(first)
  })

  it.each([
    ['Thing/wbe', "did you mean 'Thing/web'"],
    ['Net/web', "'prod/Thing/web'"],
    ['Gen/tokne', "'Gen/token'"],
  ])('%s, which is nothing, is told what it may have meant', async (text, meant) => {
    const { reason, message } = refusal(() => knownId(createdOf, text))
    expect({ reason, message }).toEqual({ reason: 'NotFound', message: expect.stringContaining(meant) })
  })
})

const createdOf = (await running()).collaborators()

describe('to run again', () => {
  it('what ends by itself is the other command than for what keeps running', async () => {
    const engine = (await running()).collaborators()
    expect(refusal(() => restartResource(engine, 'Thing/web', { ...ADA, again: 'run-job' }))).toMatchObject({
      message: 'prod/Thing/web keeps running: it is no job',
      todo: 'swarmkeeper restart prod/Thing/web',
    })
    expect(refusal(() => restartResource(engine, 'Task/migrate', { ...ADA, again: 'restart' }))).toMatchObject({
      message: 'prod/Task/migrate runs to its end, and is not restarted',
      todo: 'swarmkeeper run-job prod/Task/migrate',
    })
    expect(engine.store.app('web').restarts).toEqual({})
  })

  it('what does not run at all is neither', async () => {
    const engine = (await running()).collaborators()
    expect(refusal(() => restartResource(engine, 'Gen/token', { ...ADA, again: 'restart' }))).toMatchObject({
      message: 'a Gen does not run: there is nothing to restart',
    })
  })
})

describe('a freeze', () => {
  it('is in the history with its reason, and so is its end', () => {
    const engine = createFleet().collaborators()
    freezeFleet(engine, { ...ADA, reason: 'the racks move' })
    unfreezeFleet(engine, { by: 'bob' })
    const told = engine.store.history({ limit: 5 }).map(({ app, what, message, by }) => ({ app, what, message, by }))
    expect(told).toEqual([
      { app: '', what: 'operator', message: expect.stringMatching(/^unfrozen; frozen by ada since /), by: 'bob' },
      { app: '', what: 'operator', message: 'frozen: the racks move', by: 'ada' },
    ])
  })

  it('is not hidden by a second one', () => {
    const engine = createFleet().collaborators()
    freezeFleet(engine, { ...ADA, reason: 'the racks move' })
    const { message, todo } = refusal(() => freezeFleet(engine, { by: 'bob', reason: 'lunch' }))
    expect(message).toMatch(/^the fleet is frozen already, by ada since .*: the racks move$/)
    expect(todo).toContain('`swarmkeeper unfreeze`')
    expect(engine.store.fleet().frozen).toMatchObject({ by: 'ada', reason: 'the racks move' })
  })
})
