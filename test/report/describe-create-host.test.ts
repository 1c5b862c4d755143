import { describe, expect, it } from 'vitest'
import { aboutOnHost } from '../../src/report/describe-create-host.ts'

const place = { path: '/opt/x', owner: 'root', group: 'dspy', mode: '0640', symlinks: 'refuse' }

describe('what is made on a host', () => {
  it.each([
    [
      'a file',
      'File',
      { ...place, content: { base64: 'eAo=', sha256: 'f' } },
      ['owner: root:dspy, mode 0640', 'content: 2 bytes'],
    ],
    [
      'a secret one',
      'File',
      { ...place, content: { secret: 'settings:TOKEN', mac: 'm' } },
      ['owner: root:dspy, mode 0640', 'content: (secret)'],
    ],
    [
      'a merged one',
      'File',
      { ...place, content: { merge: { a: 1, b: { c: 2 } } } },
      ['owner: root:dspy, mode 0640', 'merged: a, b'],
    ],
    ["one whose content is others'", 'File', place, ['owner: root:dspy, mode 0640']],
    ['a directory', 'Directory', { ...place, group: undefined }, ['owner: root, mode 0640']],
    [
      'an artifact',
      'Artifact',
      { ...place, source: { url: 'https://x.test/a?signature=hush#top' }, sha256: 'a'.repeat(64) },
      ['owner: root:dspy, mode 0640', 'from: https://x.test/a, sha256 aaaaaaaaaaaa…'],
    ],
    [
      'an artifact of the repository',
      'Artifact',
      { ...place, source: { blob: 'blob:1' }, sha256: 'b'.repeat(64) },
      ['owner: root:dspy, mode 0640', 'from: the repository, sha256 bbbbbbbbbbbb…'],
    ],
    [
      'a user',
      'User',
      { name: 'dspy', system: true, groups: ['docker'], home: '/opt', shell: '/bin/false' },
      ['account: system, home /opt, shell /bin/false, groups docker'],
    ],
    ['a plain user', 'User', { name: 'x', system: false, groups: [] }, []],
    ['a group', 'Group', { name: 'x', system: true }, []],
  ])('is told in a few words: %s', (_, kind, spec, lines) => {
    expect(aboutOnHost(kind, spec)).toEqual(lines)
  })
})
