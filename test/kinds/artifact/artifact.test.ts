import { expect, it } from 'vitest'
import { artifactFromWire } from '../../../src/kinds/artifact/from-wire.ts'
import { artifactKind } from '../../../src/kinds/artifact/kind.ts'
import { sha256Of } from '../../../src/kinds/content-digest.ts'
import { directoryFromWire } from '../../../src/kinds/directory/from-wire.ts'
import { directoryKind } from '../../../src/kinds/directory/kind.ts'
import type { Artifact } from '../../../src/model/written/artifact.ts'
import { contextOf, problemOf } from '../context.ts'

const normalize = (written: Partial<Artifact>) =>
  artifactKind.normalize(
    { kind: 'Artifact', name: 'a', hosts: ['h'], path: '/opt/a', sha256: sha256Of('binary'), ...written },
    contextOf({ files: { 'bin/a': 'binary' } }),
  ).spec
const STAT = { type: 'regular file', owner: 'root', uid: '0', group: 'root', gid: '0', mode: '755' }

it('an artifact is a file of the repository, by its object, or an address', () => {
  expect(normalize({ file: 'bin/a' }).source).toEqual({ blob: 'blob:bin/a' })
  expect(normalize({ url: 'https://x.test/a' }).source).toEqual({ url: 'https://x.test/a' })
})

it.each([
  [{ file: 'bin/a', sha256: 'a'.repeat(64) }, `/sha256: the file has sha256 ${sha256Of('binary')}`],
  [{ url: 'https://me:hush@x.test/a' }, '/url: the address has a name or a password in it'],
  [{}, ': needs one of url or file'],
  [{ file: 'bin/a', url: 'https://x.test/a' }, "/file: 'url' and 'file' together"],
])('an artifact refuses %o', (written, message) => {
  expect(problemOf(() => normalize(written))).toContain(message)
})

it('an artifact from elsewhere with the same content differs in nothing', () => {
  const live = artifactFromWire({ stat: STAT, sha256: sha256Of('binary') })
  expect(artifactKind.compare(normalize({ file: 'bin/a' }), live)).toEqual([])
  expect(artifactKind.compare(normalize({ url: 'https://x.test/a' }), live)).toEqual([])
})

it('an artifact differs by its digest', () => {
  const live = artifactFromWire({ stat: STAT, sha256: 'b'.repeat(64) })
  expect(artifactKind.compare(normalize({ file: 'bin/a' }), live)).toEqual([
    { path: '/sha256', from: 'b'.repeat(64), to: sha256Of('binary'), effect: 'none' },
  ])
})

it('a directory differs in what it is, whose it is and its mode', () => {
  const written = { kind: 'Directory', name: 'd', hosts: ['h'], path: '/srv', owner: 'www', group: 'www' } as const
  const { spec } = directoryKind.normalize(written, contextOf())
  const paths = (live: typeof STAT) => directoryKind.compare(spec, directoryFromWire(live)).map(({ path }) => path)
  expect(paths({ ...STAT, type: 'directory', owner: 'www', group: 'www' })).toEqual([])
  expect(paths({ ...STAT, type: 'directory', mode: '700' })).toEqual(['/owner', '/group', '/mode'])
  expect(paths({ ...STAT, owner: 'www', group: 'www' })).toEqual(['/type'])
})
