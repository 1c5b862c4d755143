import { describe, expect, it } from 'vitest'
import type { FileSpec } from '../../../src/kinds/file/spec.ts'
import type { Entry } from '../../../src/targets/host/entry.ts'
import { claimOf, writeOf } from '../../../src/targets/host/writes.ts'
import { fileOf, fileSha256, service, unitOf, wantedOf } from './things.ts'

const STAT = { type: 'file', owner: 'root', uid: 0, group: 'root', gid: 0, mode: '0600' }
const file = (more: Partial<FileSpec>) => wantedOf('File', '/etc/x', fileOf('/etc/x', 'x', more))
const secret = file({ content: { secret: 'settings:TOKEN', mac: 'm1' } })
const remembered = (line = '{}'): Entry['file'] => JSON.parse(line).file
const entry = (remembers: Entry['file']): Entry => ({
  kind: 'File',
  name: '/etc/x',
  app: 'web',
  digest: secret.digest,
  ...(remembers ? { file: remembers } : {}),
})

describe('what a host remembers of a file', () => {
  it('is of a secret one its MAC, with a digest that only a write of ours can tell', () => {
    const live = { ...STAT, sha256: 'plain' }
    const adopted = claimOf({ to: secret, live })
    expect(remembered(adopted.notes?.line)).toEqual({})
    const written = writeOf({ to: secret, live: undefined, content: Buffer.from('hush') })
    expect(remembered(written.notes?.line)).toEqual({ sha256: fileSha256('hush'), mac: 'm1' })
    expect(JSON.stringify([written.intends, written.notes, written.first])).not.toContain('hush')
  })

  it('goes along when it moves to another app, unless it speaks of another content', () => {
    const known = { sha256: 'digest', mac: 'm1' }
    expect(remembered(claimOf({ to: secret, live: STAT }, entry(known)).notes?.line)).toEqual(known)
    expect(remembered(claimOf({ to: secret, live: STAT }, entry({ ...known, mac: 'm0' })).notes?.line)).toEqual({})
  })

  it('is of one that was adopted what it is, and which keys are ours', () => {
    const live = { ...STAT, sha256: fileSha256('x') }
    expect(remembered(claimOf({ to: file({}), live }).notes?.line)).toEqual({ sha256: fileSha256('x') })
    const merged = file({ content: { merge: { a: 1, b: { c: [2] } } } })
    expect(remembered(claimOf({ to: merged, live }).notes?.line)).toEqual({
      sha256: fileSha256('x'),
      owns: ['/a', '/b/c'],
    })
  })
})

describe('a file that is written', () => {
  const { content: _, ...bare } = fileOf('/etc/x', 'x')

  it('is looked at again right before: nobody else made or changed it', () => {
    expect(writeOf({ to: file({}), live: undefined }).checks).toEqual(['is /etc/x -'])
    expect(writeOf({ to: file({}), live: { ...STAT, sha256: 'before' } }).checks).toEqual(['is /etc/x before'])
  })

  it('keeps its content where that is ignored: owner and mode are put right', () => {
    const { first, lays } = writeOf({ to: wantedOf('File', '/etc/x', bare), live: STAT })
    expect([first, lays]).toEqual([['own /etc/x 0644 root:root'], undefined])
  })

  it('is written where its symlink leads, if that is declared', () => {
    const [step = ''] = writeOf({ to: file({ symlinks: 'follow' }), live: undefined }).first
    expect(step).toMatch(/^put "\$\(realpath -m -- \/etc\/x\)" 0644 root:root 2 /)
  })

  it('is refused where what is there cannot be written over', () => {
    expect(() => writeOf({ to: file({}), live: { ...STAT, type: 'directory' } })).toThrow(
      'is there, and no file: directory',
    )
    expect(() => writeOf({ to: file({}), live: { ...STAT, crosses: '/etc' } })).toThrow(
      '/etc/x crosses the symlink /etc',
    )
  })
})

describe('which start of a unit is noted', () => {
  it('is none of a template, which systemd does not show', () => {
    const noted = (name: string) => {
      const to = wantedOf('Unit', name, unitOf(name, service('ExecStart=/bin/true')))
      return [writeOf({ to, live: undefined }).notes?.run, claimOf({ to, live: undefined }).notes?.run]
    }
    expect(noted('app@.service')).toEqual([undefined, undefined])
    expect(noted('app@one.service')).toEqual(['app@one.service', 'app@one.service'])
    expect(noted('app.service')).toEqual(['app.service', 'app.service'])
  })
})
