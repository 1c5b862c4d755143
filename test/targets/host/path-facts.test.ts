import { describe, expect, it } from 'vitest'
import { readManyPaths, TornError } from '../../../src/targets/host/path-facts.ts'
import { fileSha256 } from './things.ts'

interface Said {
  readonly path: string
  readonly text: string
  /** As the digest saw it, where that is something else. */
  readonly hashed?: string
}

/** As `paths` of the facts script says it. */
function saidOf(
  files: readonly Said[],
  missing: readonly string[] = [],
  crossing: readonly string[] = [],
): readonly string[] {
  const ended = (all: readonly string[]) => all.map((one) => `${one}\0`).join('')
  const parts = [
    ended(files.map(({ path }) => `regular file|root|0|root|0|644|1700000000|${path}`)),
    ended(missing),
    ended(crossing),
    ended(files.map(({ path, text, hashed = text }) => `${fileSha256(hashed)}  ${path}`)),
    ended(files.map(({ path, text }) => `${Buffer.byteLength(text)}|${path}`)),
    files.map(({ text }) => text).join(''),
  ]
  return ['content', Buffer.from(parts.join('\0')).toString('base64')]
}

const textOf = (facts: ReturnType<typeof readManyPaths>, path: string) => {
  const fact = facts.find((one) => one.path === path)?.fact
  return typeof fact === 'object' ? Buffer.from(fact.base64 ?? '', 'base64').toString('utf8') : fact
}

describe('what a host says of many files at once', () => {
  it('is taken apart by how long each is', () => {
    const facts = readManyPaths(
      saidOf([
        { path: '/a|b', text: 'one\n' },
        { path: '/c\nd', text: '' },
        { path: '/e', text: 'ä' },
      ]),
    )
    expect(['/a|b', '/c\nd', '/e'].map((path) => textOf(facts, path))).toEqual(['one\n', '', 'ä'])
  })

  it('says of each that is missing whether it may be seen', () => {
    const facts = readManyPaths(saidOf([{ path: '/a', text: 'x' }], ['absent /b', 'denied /c d']))
    expect(['/b', '/c d'].map((path) => textOf(facts, path))).toEqual(['absent', 'denied'])
  })

  it('says which part of its way is a symlink, also of what is not there', () => {
    const said = saidOf(
      [{ path: '/lib/a', text: 'x' }],
      ['absent /lib/b', 'nowhere /c/d'],
      ['/lib/a', '/lib', '/lib/b', '/lib'],
    )
    const facts = readManyPaths(said)
    expect(facts).toEqual([
      { path: '/lib/b', fact: 'absent', crosses: '/lib' },
      { path: '/c/d', fact: 'nowhere' },
      { path: '/lib/a', fact: expect.objectContaining({ stat: expect.objectContaining({ crosses: '/lib' }) }) },
    ])
  })

  it('is not believed where a file changed while it was read: nobody knows where the next one begins', () => {
    const changed = saidOf([
      { path: '/a', text: 'longer', hashed: 'short' },
      { path: '/b', text: 'x' },
    ])
    expect(() => readManyPaths(changed)).toThrow(TornError)
  })

  it('is believed of one file alone, which has all of it', () => {
    expect(textOf(readManyPaths(saidOf([{ path: '/a', text: 'longer', hashed: 'short' }])), '/a')).toBe('longer')
  })
})
