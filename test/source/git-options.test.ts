import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { authorizationOf, createScrub } from '../../src/source/credential.ts'
import type { GitSourceOptions } from '../../src/source/git-options.ts'
import { createGitSource } from '../../src/source/git-source.ts'

const DIRECTORY = '/nonexistent/clone'
const make = (options: Partial<GitSourceOptions>) =>
  createGitSource({ url: 'https://git.example.test/site.git', branch: 'main', directory: DIRECTORY, ...options })

function errorOf(options: Partial<GitSourceOptions>): ReconcileError {
  try {
    make(options)
  } catch (error) {
    if (error instanceof ReconcileError) return error
  }
  throw new Error('nothing was refused')
}

const KEY = { file: '/etc/key', knownHosts: '/etc/known_hosts' }

describe('SEC-5: the url of the repository', () => {
  it.each([
    'https://git.example.test/site.git',
    'http://127.0.0.1:8080/site.git',
    'ssh://git@git.example.test:2222/site.git',
    'git@git.example.test:team/site.git',
    'file:///srv/git/site.git',
  ])('%s is taken', (url) => {
    expect(() => make({ url, sshKey: KEY })).not.toThrow()
  })

  it.each([
    '--upload-pack=touch /tmp/x',
    '-oProxyCommand=x',
    'ext::sh -c touch% /tmp/x',
    'git://git.example.test/site.git',
    'ftp://git.example.test/site.git',
    'ssh://-oProxyCommand=x/site.git',
    'ssh://-x@git.example.test/site.git',
    'git@-oProxyCommand=x:site.git',
    'git@git.example.test:-x',
    'https:git.example.test/site.git',
    'https://git.example.test',
    'https://git.example.test/site.git?token=x',
    'https://git.example.test/site.git#x',
    'file://elsewhere/srv/git',
    '/srv/git/site.git',
    './site.git',
    'https://git.example.test/a b',
    'https://git.example.test/a\nb',
    '',
  ])("'%s' is refused", (url) => {
    expect(errorOf({ url, sshKey: KEY }).reason).toBe('InvalidSettings')
  })

  it.each([
    'https://user:hunter2secret@git.example.test/site.git',
    'https://hunter2secret@git.example.test/site.git',
    'ssh://git:hunter2secret@git.example.test/site.git',
    'ext::https://user:hunter2secret@git.example.test/x y',
  ])('SEC-7: a credential in it is refused and not repeated (%#)', (url) => {
    expect(inspect(errorOf({ url, sshKey: KEY }), { depth: 9 })).not.toContain('hunter2secret')
  })

  it('says where a credential belongs', () => {
    const { todo } = errorOf({ url: 'https://u:p@git.example.test/site.git' })
    expect(todo).toContain('settings')
  })

  it('by ssh wants a key and known hosts, by plain absolute paths', () => {
    const url = 'git@git.example.test:site.git'
    expect(errorOf({ url }).message).toContain('key')
    for (const file of ['key', '/etc/my key', '/etc/%d/key', '/etc/"key"']) {
      expect(errorOf({ url, sshKey: { file, knownHosts: '/etc/known_hosts' } }).reason).toBe('InvalidSettings')
    }
  })

  it.each(['ssh://git@git.example.test/site.git', 'file:///srv/git/site.git'])(
    '%s needs the git program',
    async (url) => {
      for (const missing of [{ gitBinary: 'never' as const }, { searchPath: '/nonexistent' }]) {
        const source = make({ url, sshKey: KEY, directory: '/tmp', ...missing })
        const { signal } = new AbortController()
        await expect(source.resolve({ signal })).rejects.toMatchObject({ reason: 'InvalidSettings' })
      }
    },
  )
})

describe('SEC-3, SEC-5: branch and path', () => {
  it.each(['main', 'release/1.2', 'feature-x', 'ü', 'a@b'])("the branch '%s' is taken", (branch) => {
    expect(() => make({ branch })).not.toThrow()
  })

  it.each([
    '',
    '-x',
    '--all',
    'a b',
    'a..b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
  ])("the branch '%s' is refused", (branch) => expect(errorOf({ branch }).reason).toBe('InvalidSettings'))

  it.each(['a.lock', 'a.', 'a@{1}', '@', 'a\u0000', 'a\n', 'x'.repeat(300)])('the branch %j is refused', (branch) =>
    expect(errorOf({ branch }).reason).toBe('InvalidSettings'),
  )

  it.each(['../x', '/etc', 'a/../b', '.git', 'a/', 'a\\b'])("the path '%s' is refused", (path) => {
    expect(errorOf({ path }).reason).toBe('InvalidSettings')
  })
})

describe('SEC-7: what other programs say', () => {
  const token = 'ghp_S3cret/+&%'
  const scrub = createScrub({ token: new Sensitive(token) })

  it('loses the credential in every form', () => {
    const basic = authorizationOf({ token: new Sensitive(token) })
    const said = `got ${token} and ${encodeURIComponent(token)} and ${basic} of https://u:${token}@host/x`
    const shown = scrub(said)
    for (const form of [token, encodeURIComponent(token), basic.slice(6)]) expect(shown).not.toContain(form)
  })

  it('loses credentials of others that stand in an address', () => {
    expect(scrub('redirected to https://user:other@host/x?sig=abc')).toBe(
      'redirected to https://[REDACTED]@host/x?[REDACTED]',
    )
  })

  it('gives a token as the password of a user, and a user as given', () => {
    const decoded = (header: string) => Buffer.from(header.slice(6), 'base64').toString()
    expect(decoded(authorizationOf({ token: new Sensitive('t') }))).toBe('x-access-token:t')
    expect(decoded(authorizationOf({ username: 'u', password: new Sensitive('p') }))).toBe('u:p')
  })
})
