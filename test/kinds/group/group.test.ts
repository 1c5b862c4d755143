import { describe, expect, it } from 'vitest'
import { groupFromWire } from '../../../src/kinds/group/from-wire.ts'
import { groupKind } from '../../../src/kinds/group/kind.ts'
import { groupToWire } from '../../../src/kinds/group/to-wire.ts'
import type { Group } from '../../../src/model/written/group.ts'
import { contextOf, problemOf } from '../context.ts'

const normalize = (written: Partial<Group> = {}) =>
  groupKind.normalize({ kind: 'Group', name: 'agents', hosts: ['h'], ...written }, contextOf({}))

describe('a group', () => {
  it.each([
    [{}, ['groupadd', '--', 'agents']],
    [{ system: true }, ['groupadd', '--system', '--', 'agents']],
    [{ gid: 4242 }, ['groupadd', '--gid', '4242', '--', 'agents']],
  ])('is made as %o says', (written, words) => {
    expect(groupToWire(normalize(written).spec)).toEqual(words)
  })

  it('differs in its number where that is declared, and is another group then', () => {
    const live = groupFromWire('agents:x:997:dspy')
    if (!live) throw new Error('a line of getent')
    expect(groupKind.compare(normalize().spec, live)).toEqual([])
    expect(groupKind.compare(normalize({ gid: 4242 }).spec, live)).toEqual([
      { path: '/gid', from: 997, to: 4242, effect: 'replace' },
    ])
  })

  it('is none where the host says nothing that could be read', () => {
    expect(groupFromWire('')).toBeUndefined()
    expect(groupFromWire('agents:x:?:')).toBeUndefined()
  })

  it('is never that of root, and stays when its document is gone', () => {
    expect(problemOf(() => normalize({ name: 'root' }))).toContain("the group root is the host's own")
    expect(groupKind.keptByDefault).toBe(true)
  })
})
