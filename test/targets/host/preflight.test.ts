import { describe, expect, it } from 'vitest'
import { makeId } from '../../../src/model/id.ts'
import type { LiveState } from '../../../src/model/live.ts'
import type { Wanted } from '../../../src/model/resource.ts'
import { behindSymlinks, unfounded } from '../../../src/targets/host/preflight.ts'
import { create, update } from '../../support/changes.ts'
import { fileOf, HOST, wantedOf } from './things.ts'

const file = (path: string): Wanted => wantedOf('File', path, fileOf(path, 'x'))
const directory = (path: string) =>
  wantedOf('Directory', path, { path, owner: 'root', mode: '0755', symlinks: 'refuse' })
const live = (...nowhere: readonly string[]): LiveState => ({
  at: new Date(0),
  of: new Map(),
  facts: new Map([[HOST, { paths: new Map(nowhere.map((path) => [path, 'nowhere'])) }]]),
})
const refused = (changes: Parameters<typeof unfounded>[0], of: LiveState) =>
  unfounded(changes, of).map(({ message }) => message)

describe('what is to stand in a folder that is not there', () => {
  it('is told before anything is written, with what makes one', () => {
    expect(unfounded([create(file('/opt/x/y')), create(file('/etc/z'))], live('/opt/x/y'))).toEqual([
      {
        id: file('/opt/x/y').id,
        reason: 'DependencyNotReady',
        message: 'there is no folder /opt/x on host: declare it as a Directory',
      },
    ])
  })

  it('has nothing to say where the same plan makes the folder, or a user at home there', () => {
    expect(refused([create(file('/opt/x/y')), create(directory('/opt/x'))], live('/opt/x/y'))).toEqual([])
    const user = (spec: object) =>
      create(wantedOf('User', 'dspy', { name: 'dspy', groups: [], system: false, ...spec }))
    expect(refused([create(file('/home/dspy/y')), user({})], live('/home/dspy/y'))).toEqual([])
    expect(refused([create(file('/opt/x/y')), user({ home: '/opt/x' })], live('/opt/x/y'))).toEqual([])
    expect(refused([create(file('/opt/x/y')), create(directory('/opt'))], live('/opt/x/y'))).toHaveLength(1)
  })

  it('waits for what it comes after: that may make the folder', () => {
    const coming = (kind: string, name: string) =>
      create({ ...file('/opt/x/y'), after: [makeId({ target: HOST, kind, name })] })
    expect(refused([coming('Unit', 'app.service')], live('/opt/x/y'))).toEqual([])
    expect(refused([coming('Directory', '/opt/x')], live('/opt/x/y'))).toEqual([])
    const user = wantedOf('User', 'swarm', { name: 'swarm', groups: [], system: true })
    expect(refused([coming('User', 'swarm'), create(user)], live('/opt/x/y'))).toHaveLength(1)
  })

  it('is not asked about what is there, nor of a target that says nothing of it', () => {
    expect(refused([update(file('/opt/x/y'))], live('/opt/x/y'))).toEqual([])
    expect(refused([create(file('/opt/x/y'))], { ...live(), facts: new Map() })).toEqual([])
  })
})

describe('what is to stand behind a symlink', () => {
  const seen = (path: string, crosses: string): LiveState => ({
    ...live(),
    facts: new Map([[HOST, { crossings: new Map([[path, crosses]]) }]]),
  })

  it('is refused before anything is written, with what to write if it is meant', () => {
    const behind = file('/var/run/app/x')
    expect(behindSymlinks([create(behind), create(file('/etc/z'))], seen('/var/run/app/x', '/var/run'))).toEqual([
      {
        id: behind.id,
        reason: 'Conflict',
        message: "/var/run/app/x crosses the symlink /var/run: write 'symlinks: follow' if that is meant",
      },
    ])
  })

  it('is written where its document follows symlinks', () => {
    const followed = wantedOf('File', '/bin/x', { ...fileOf('/bin/x', 'x'), symlinks: 'follow' })
    expect(behindSymlinks([create(followed)], seen('/bin/x', '/bin'))).toEqual([])
  })

  it('is not asked about on a target that says nothing of it', () => {
    expect(behindSymlinks([create(file('/bin/x'))], { ...live(), facts: new Map() })).toEqual([])
  })
})
