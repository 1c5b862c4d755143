import { expect, it } from 'vitest'
import type { FleetOutcome } from '../../src/model/outcome.ts'
import { createAsked } from '../../src/schedule/asked.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock } from '../support/fake-clock.ts'

const outcome = (revision: string): FleetOutcome => ({ revision, stale: false, apps: [], problems: [] })

function world() {
  const clock = createFakeClock({ auto: true })
  const shelf = createMemoryStore().shelf<FleetOutcome>('asked')
  let runs = 0
  const body = async () => outcome(`run ${++runs}`)
  return { clock, shelf, asked: createAsked(shelf, clock), body, runs: () => runs }
}

it('what is asked again under its token is not done again, and is answered with what became of the first', async () => {
  const { asked, body, runs } = world()
  expect(await asked.once('t1', body)).toEqual(outcome('run 1'))
  expect(await asked.once('t1', body)).toEqual(outcome('run 1'))
  expect(await asked.once('t2', body)).toEqual(outcome('run 2'))
  expect(await asked.once(undefined, body)).toEqual(outcome('run 3'))
  expect(runs()).toBe(3)
})

it('who asks while the first is under way waits for the same', async () => {
  const { asked, body, runs } = world()
  const both = await Promise.all([asked.once('t', body), asked.once('t', body)])
  expect(both).toEqual([outcome('run 1'), outcome('run 1')])
  expect(runs()).toBe(1)
})

it('what failed may be asked again; a restart remembers what was done', async () => {
  const { asked, body, shelf, clock } = world()
  await expect(asked.once('t', async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await asked.once('t', body)).toEqual(outcome('run 1'))
  expect(await createAsked(shelf, clock).once('t', body)).toEqual(outcome('run 1'))
})

it('a token is forgotten after a day', async () => {
  const { asked, body, clock, shelf } = world()
  await asked.once('old', body)
  await clock.sleep(25 * 3_600_000)
  await asked.once('new', body)
  expect(shelf.all().map(({ key }) => key)).toEqual(['new'])
})
