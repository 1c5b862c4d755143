import { describe, expect, it } from 'vitest'
import { pathRefusal, printablePath } from '../../src/source/tree-path.ts'

describe('SEC-1, SEC-3: paths of a tree', () => {
  it.each([
    'swarmkeeper.yaml',
    'apps/web/hello.yaml',
    'apps/web/.gitignore',
    '.github/workflows/ci.yaml',
    'apps/git/x',
    'a..b/c...d',
    'ünïcode/☃',
    'git~x',
    '-rf',
    'with space',
    '~',
  ])("'%s' is read", (path) => {
    expect(pathRefusal(path)).toBeUndefined()
  })

  it.each([
    ['../../etc/passwd', "'..'"],
    ['apps/../x', "'..'"],
    ['apps/./x', "'.'"],
    ['/etc/passwd', 'absolute'],
    ['apps//x', 'empty part'],
    ['apps/', 'empty part'],
    ['apps\\..\\x', 'backslash'],
    ['a\0b', 'control'],
    ['a\nb', 'control'],
    ['a\u001b[2Jb', 'control'],
    ['bad\ufffdutf8', 'UTF-8'],
    ['.git', "git's own"],
    ['.git/config', "git's own"],
    ['apps/.GIT/hooks/pre-commit', "git's own"],
    ['.Git ', "git's own"],
    ['.git.', "git's own"],
    ['git~1', "git's own"],
    ['GIT~2/config', "git's own"],
    ['.g\u200cit/config', "git's own"],
    ['.git\ufeff', "git's own"],
    ['.git::$INDEX_ALLOCATION/x', "git's own"],
    ['a'.repeat(1025), 'longer'],
  ])("'%s' is not: %s", (path, why) => {
    expect(pathRefusal(path)).toContain(why)
  })

  it('prints a path without line breaks, terminal control or bidirectional tricks', () => {
    expect(printablePath('a\nb\u001b\u202ec')).toBe('a\\u{a}b\\u{1b}\\u{202e}c')
    expect(printablePath('x'.repeat(5000)).length).toBeLessThan(1100)
  })
})
