import { expect, it } from 'vitest'
import { makeId } from '../../../src/model/id.ts'
import { runName } from '../../../src/targets/swarm/runs.ts'

const nameOf = (name: string, tick = '2026-11-21T07:00:00.000Z') =>
  runName({ id: makeId({ target: 'prod', kind: 'Service', name }), tick })

it('the name of a run is made from its service and its minute, and with seconds where it was begun by hand', () => {
  expect(nameOf('digest')).toBe('digest-202611210700')
  expect(nameOf('digest', '2026-11-21T07:00:41.000Z')).toBe('digest-20261121070041')
})

it('the name of a run is one that a Swarm takes, and another one for every service', () => {
  const [one, other] = [nameOf('a'.repeat(63)), nameOf(`${'a'.repeat(62)}b`)]
  expect([one.length, other.length]).toEqual([63, 63])
  expect(one).toMatch(/^a+-[0-9a-f]{8}-202611210700$/)
  expect(one).not.toBe(other)
  expect(nameOf('a'.repeat(63), '2026-11-21T07:00:41.000Z')).toHaveLength(63)
})
