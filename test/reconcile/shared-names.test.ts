import { expect, it } from 'vitest'
import type { ResourceId } from '../../src/model/id.ts'
import type { Target } from '../../src/model/target.ts'
import { createFleet, type TestFleet, task, thing } from '../support/fleet.ts'

/** As on a Swarm: a job is a service, so that under either id the same live thing is found. */
function oneOfEachName(target: Target): Target {
  const twin = (id: ResourceId): ResourceId =>
    (id.includes('/Task/') ? id.replace('/Task/', '/Thing/') : id.replace('/Thing/', '/Task/')) as ResourceId
  return {
    ...target,
    observe: async (wanted, options) => {
      const twins = wanted.map((one) => ({ ...one, id: twin(one.id) }))
      const live = await target.observe([...wanted, ...twins], options)
      const of = new Map(
        [...live.of].map(([id, seen]) => [id, seen.state === 'absent' ? (live.of.get(twin(id)) ?? seen) : seen]),
      )
      return { ...live, of }
    },
  }
}

function swarmLike(): TestFleet {
  const fleet = createFleet()
  fleet.wrapTarget = oneOfEachName
  return fleet
}

async function twice(fleet: TestFleet): Promise<readonly string[]> {
  await fleet.apply()
  await fleet.apply()
  return fleet.writes()
}

it('rule 8: of two that are new and share a live name none is made, and both say why', async () => {
  const fleet = swarmLike()
  fleet.commit({ web: [thing('x')], jobs: [task('x', 'one')] })
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'web')).toMatchObject({
    outcome: 'waiting',
    reason: 'Conflict',
    message: 'prod/Thing/x: prod/Task/x has the same live name: give one of them another',
  })
  expect(fleet.app(outcome, 'jobs')).toMatchObject({ outcome: 'waiting', reason: 'Conflict' })
  expect(fleet.writes()).toEqual([])
})

it('rule 8: what is ours keeps its live name, whatever else asks for it', async () => {
  const fleet = swarmLike()
  fleet.commit({ web: [thing('x')] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: [thing('x', { value: 2 })], jobs: [task('x', 'one')] })
  expect(await twice(fleet)).toEqual(['update prod/Thing/x'])
  expect((await fleet.run('jobs')).message).toContain('prod/Thing/x of web has the same live name')
})

it('rule 8: nothing of ours is taken over by a prune either', async () => {
  const fleet = swarmLike()
  fleet.commit({ web: [thing('x')], jobs: [task('y', 'one')] })
  await fleet.apply()
  fleet.writes()
  const [known] = fleet.store.record().filter(({ kind }) => kind === 'Task')
  if (known) fleet.store.putRecorded([{ ...known, id: 'prod/Task/x' as ResourceId, state: 'retiring' }])
  expect(await twice(fleet)).toEqual([])
  expect(fleet.spec('Thing/x')).toEqual({ value: 1 })
  expect(fleet.store.record().map(({ id }) => id)).toEqual(['prod/Task/y', 'prod/Thing/x'])
})

it('rule 8: the successor of another kind comes when its predecessor is gone', async () => {
  const fleet = swarmLike()
  fleet.commit({ web: [task('x', 'one'), thing('other')] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: [thing('x'), thing('other')] })
  expect(await twice(fleet)).toEqual(['prune prod/Task/x', 'create prod/Thing/x'])
  expect(await twice(fleet)).toEqual([])
})
