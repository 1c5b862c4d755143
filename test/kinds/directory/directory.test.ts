import { describe, expect, it } from 'vitest'
import { directoryFromWire } from '../../../src/kinds/directory/from-wire.ts'
import { directoryKind } from '../../../src/kinds/directory/kind.ts'
import type { Directory } from '../../../src/model/written/directory.ts'
import { contextOf, problemOf } from '../context.ts'

const normalize = (written: Partial<Directory>) =>
  directoryKind.normalize({ kind: 'Directory', name: 'd', hosts: ['h'], path: '/srv/d', ...written }, contextOf({}))
const STAT = { type: 'directory', owner: 'root', uid: '0', group: 'root', gid: '0', mode: '755' }
const differs = (written: Partial<Directory>, live: Partial<typeof STAT>) =>
  directoryKind
    .compare(normalize(written).spec, directoryFromWire({ ...STAT, ...live }))
    .map(({ path, from, to, effect }) => [path, from, to, effect])

describe('a directory', () => {
  it('is called by its path, is of root and open to all where nothing is said, and stays when its document is gone', () => {
    const { name, spec } = normalize({})
    expect([name, spec]).toEqual([
      '/srv/d',
      { path: '/srv/d', owner: 'root', group: 'root', mode: '0755', symlinks: 'refuse' },
    ])
    expect(directoryKind.keptByDefault).toBe(true)
  })

  it('differs in owner, group and mode, one by one, and in nothing that it holds', () => {
    expect(differs({}, {})).toEqual([])
    expect(differs({ owner: 'swarm', mode: '2750' }, { group: 'other' })).toEqual([
      ['/owner', 'root', 'swarm', 'none'],
      ['/mode', '0755', '2750', 'none'],
    ])
    expect(differs({ owner: '1000', group: '33' }, { uid: '1000', gid: '33', owner: 'x', group: 'y' })).toEqual([])
  })

  it('is another thing where a file or a symlink stands in its place', () => {
    expect(differs({}, { type: 'regular file' })).toEqual([['/type', 'file', 'directory', 'replace']])
    expect(differs({}, { type: 'symbolic link' })).toEqual([['/type', 'symlink', 'directory', 'replace']])
  })

  it('has no path of the kernel, nor the root itself', () => {
    expect(problemOf(() => normalize({ path: '/' }))).toContain('is the root')
    expect(problemOf(() => normalize({ path: '/sys/fs' }))).toContain("kernel's")
  })

  it('that was applied differs in nothing', () => {
    const { spec } = normalize({ owner: '1000', group: 'g', mode: '750' })
    const live = directoryKind.asApplied?.(spec)
    expect(live && directoryKind.compare(spec, live)).toEqual([])
  })
})
