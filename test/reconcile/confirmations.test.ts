import { expect, it } from 'vitest'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { createFleet, type TestFleet, thing, type WrittenFleet } from '../support/fleet.ts'

const windows = [{ deny: 'Thu 02:00 - Thu 06:00', timezone: 'UTC' }]
const of = (...names: readonly string[]): WrittenFleet => ({ web: names.map((name) => thing(name)) })

/** Three of four things go: more than anybody explains. */
async function guarded(): Promise<{ readonly fleet: TestFleet; readonly guard: string }> {
  const fleet = createFleet()
  fleet.commit(of('a', 'b', 'c', 'd'))
  await fleet.apply()
  fleet.commit(of('d'))
  const [guard] = (await fleet.run('web')).guards
  fleet.writes()
  return { fleet, guard: guard?.name ?? '' }
}

const told = (fleet: TestFleet) => fleet.events.filter(({ type }) => type === 'guard:not-pending')

it('a word that no guard is called is refused, with those that wait', async () => {
  const { fleet, guard } = await guarded()
  await expect(fleet.apply({ confirm: ['nonsense'] })).rejects.toMatchObject({
    reason: 'Usage',
    message: "no guard is called 'nonsense'",
    todo: `waiting for a person: ${guard}; \`swarmkeeper plan\` shows each with what it holds`,
  })
  expect(fleet.writes()).toEqual([])
})

it('the one that was meant is named', async () => {
  const { fleet, guard } = await guarded()
  const slip = guard.slice(0, -1)
  await expect(fleet.apply({ confirm: [slip] })).rejects.toThrow(`did you mean '${guard}'?`)
})

it('where none waits, that is said', async () => {
  const fleet = createFleet()
  fleet.commit(of('a'))
  await expect(fleet.apply({ confirm: ['target:prod'] })).rejects.toMatchObject({
    todo: expect.stringContaining('no guard waits for a person'),
  })
})

it('a guard that is not pending is said to confirm nothing, and the rest goes on', async () => {
  const { fleet, guard } = await guarded()
  const outcome = await fleet.run('web', { confirm: ['prune:web:00000000'] })
  expect(told(fleet)).toEqual([{ type: 'guard:not-pending', name: 'prune:web:00000000', pending: [guard] }])
  expect(outcome.outcome).toBe('waiting')
})

it('nothing is said of one that is', async () => {
  const { fleet, guard } = await guarded()
  expect((await fleet.run('web', { confirm: [guard] })).outcome).toBe('proven')
  expect(told(fleet)).toEqual([])
})

it.each(['window', 'failures'])('nor of the word %s for this revision, that may be needed yet', async (word) => {
  const fleet = createFleet()
  const revision = fleet.commit(of('a'), { windows })
  fleet.clock.jump(3 * 3_600_000)
  await fleet.apply({ confirm: [`${word}:${revision.slice(0, 12)}`] })
  expect(told(fleet)).toEqual([])
})

it('a rebuild confirms that another target answers under a known name, and nothing else', async () => {
  const fleet = createFleet()
  fleet.commit(of('a'))
  const ask = { by: 'ada', signal: new AbortController().signal, rebuild: true }
  const look = lookAtFleet(fleet.collaborators(), { ...ask, confirm: ['target:prd'] })
  await expect(look).rejects.toThrow("a rebuild confirms no 'target:prd'; did you mean 'target:prod'?")
})
