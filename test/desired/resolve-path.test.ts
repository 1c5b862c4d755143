import { describe, expect, it } from 'vitest'
import { readWritten, resolvePath } from '../../src/desired/resolve-path.ts'

describe('a path written in apps/web/web.yaml', () => {
  it.each([
    ['a.env', 'apps/web/a.env'],
    ['./a.env', 'apps/web/a.env'],
    ['files//a.env', 'apps/web/files/a.env'],
    ['../../base/a.yaml', 'base/a.yaml'],
    ['x/../a.env', 'apps/web/a.env'],
    ['../../a..b/...', 'a..b/...'],
    ['a b/ü.txt', 'apps/web/a b/ü.txt'],
    ['100%.txt', 'apps/web/100%.txt'],
  ])('%s is %s', (written, path) => {
    expect(resolvePath('apps/web/web.yaml', written)).toEqual({ path })
  })

  it.each([
    ['../../../etc/passwd', 'leaves the repository'],
    ['../../x/../../etc/passwd', 'leaves the repository'],
    ['/etc/passwd', 'is absolute; it must be relative to the file that it is written in'],
    ['C:/x', 'is absolute; it must be relative to the file that it is written in'],
    ['~/x', 'begins with ~; only files of the repository are read'],
    ['~root', 'begins with ~; only files of the repository are read'],
    ['..\\..\\etc', 'has a backslash; folders are separated by /'],
    ['a\0.env', 'has a control character'],
    ['a\n.env', 'has a control character'],
    ['..%2f..%2fetc/passwd', 'has percent-encoded dots or slashes'],
    ['%2E%2e/etc', 'has percent-encoded dots or slashes'],
    ['a%00', 'has percent-encoded dots or slashes'],
    ['file:///etc/passwd', 'is an address; only files of the repository are read'],
    ['https://a/b', 'is an address; only files of the repository are read'],
    ['', 'is empty'],
    ['a'.repeat(1025), 'is longer than 1024 characters'],
    ['../..', 'is the repository itself, not a file'],
  ])('%j is refused', (written, why) => {
    const resolved = resolvePath('apps/web/web.yaml', written)
    expect('refused' in resolved && resolved.refused).toContain(why)
  })
})

describe('the file that a path means', () => {
  const files = {
    paths: ['apps/web/hello.env', 'base/secret.env'],
    read: (path: string) =>
      path.endsWith('.env') && !path.includes('x') ? { oid: 'a', content: Buffer.from('hunter2') } : undefined,
    refused: new Map([['apps/web/link', 'it is a symlink']]),
  }
  const found = (written: string) => readWritten(files, 'apps/web/web.yaml', written)

  it('comes with its path', () => {
    expect(found('../../base/secret.env')).toEqual({
      path: 'base/secret.env',
      oid: 'a',
      content: Buffer.from('hunter2'),
    })
  })

  it('is refused behind a symlink', () => {
    expect(found('link')).toEqual({ refused: "'apps/web/link' is not read: it is a symlink" })
    expect(found('link/a.env')).toEqual({ refused: "'apps/web/link' is not read: it is a symlink" })
  })

  it('may be another one, when there is none', () => {
    expect(found('helxo.env')).toEqual({
      refused: "there is no file 'apps/web/helxo.env' in the repository; did you mean 'apps/web/hello.env'?",
    })
    expect(found('x/secret.env')).toEqual({
      refused: "there is no file 'apps/web/x/secret.env' in the repository; did you mean 'base/secret.env'?",
    })
    expect(found('xyz')).toEqual({ refused: "there is no file 'apps/web/xyz' in the repository" })
  })
})
