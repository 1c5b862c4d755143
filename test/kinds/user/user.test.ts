import { describe, expect, it } from 'vitest'
import { groupFromWire } from '../../../src/kinds/group/from-wire.ts'
import { groupKind } from '../../../src/kinds/group/kind.ts'
import { groupToWire } from '../../../src/kinds/group/to-wire.ts'
import { userFromWire } from '../../../src/kinds/user/from-wire.ts'
import { userKind } from '../../../src/kinds/user/kind.ts'
import { userToWire } from '../../../src/kinds/user/to-wire.ts'
import type { User } from '../../../src/model/written/user.ts'
import { contextOf, problemOf } from '../context.ts'

type Written = Partial<Omit<User, 'kind' | 'hosts'>>
const normalize = (written: Written = {}) =>
  userKind.normalize(
    { kind: 'User', name: 'dspy', hosts: ['h'], ...written },
    contextOf({ declared: { 'Group/agents': 'agents' } }),
  )
const specOf = (written: Written = {}) => normalize(written).spec
const live = (groups = 'dspy docker', owns?: readonly string[]) => {
  const passwd = 'dspy:x:990:990:Old:/opt/dspy:/bin/false'
  const user = userFromWire({ passwd, group: 'dspy', groups, ...(owns ? { record: { groups: owns } } : {}) })
  if (!user) throw new Error('no user')
  return user
}

describe('a user', () => {
  it('is made with what is declared', () => {
    const written = { system: true, home: '/opt/dspy', shell: '/bin/false', groups: ['docker', 'adm'] }
    expect(userToWire(specOf(written), undefined)).toEqual(
      'useradd --system --no-create-home --user-group --groups adm,docker -d /opt/dspy --shell /bin/false -- dspy'.split(
        ' ',
      ),
    )
  })

  it('differs only in what is declared', () => {
    expect(userKind.compare(specOf(), live())).toEqual([])
    expect(userKind.compare(specOf({ home: '/opt/dspy', shell: '/bin/sh' }), live())).toEqual([
      { path: '/shell', from: '/bin/false', to: '/bin/sh', effect: 'none' },
    ])
  })

  it('is changed in that alone', () => {
    const spec = specOf({ home: '/opt/dspy', shell: '/bin/sh' })
    expect(userToWire(spec, live())).toEqual(['usermod', '--shell', '/bin/sh', '--', 'dspy'])
    expect(userToWire(specOf(), live())).toBeUndefined()
  })

  it('keeps the groups that others put it in, and leaves those that we did', () => {
    const spec = specOf({ groups: ['adm'] })
    expect(userToWire(spec, live('dspy docker video', ['video']))).toEqual([
      'usermod',
      '--groups',
      'adm,docker',
      '--',
      'dspy',
    ])
  })

  it('with another number is another user', () => {
    expect(userKind.compare(specOf({ uid: 1 }), live())).toEqual([
      { path: '/uid', from: 990, to: 1, effect: 'replace' },
    ])
  })

  it('comes after groups that are declared', () => {
    expect(normalize({ groups: ['agents', 'docker'] }).uses).toEqual([{ kind: 'Group', name: 'agents' }])
  })

  it('is never root', () => {
    expect(problemOf(() => normalize({ name: 'root' }))).toContain("/name: the user root is the host's own")
    expect(problemOf(() => normalize({ comment: 'a\u0003' }))).toBe(
      '/comment: it has a control character, which useradd refuses',
    )
  })

  it('is nothing where the host prints something else', () => {
    expect(userFromWire({ passwd: '', group: '', groups: '' })).toBeUndefined()
  })
})

describe('a group', () => {
  const spec = groupKind.normalize(
    { kind: 'Group', name: 'agents', hosts: ['h'], gid: 7, system: true },
    contextOf(),
  ).spec

  it('is made with what is declared', () => {
    expect(groupToWire(spec)).toEqual(['groupadd', '--system', '--gid', '7', '--', 'agents'])
  })

  it('with another number is another group', () => {
    const found = groupFromWire('agents:x:8:a,b')
    expect(found && groupKind.compare(spec, found)).toEqual([{ path: '/gid', from: 8, to: 7, effect: 'replace' }])
    expect(groupFromWire('')).toBeUndefined()
  })
})
