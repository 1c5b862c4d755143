import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readDirectory } from '../../src/source/directory.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-directory-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, content: string | Buffer): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), content)
}

describe('a folder as a snapshot', () => {
  test('holds its files under the ids that git gives them', async () => {
    write('apps/a/a.yaml', 'kind: Service\n')
    write('.env', 'A=1\n')
    const snapshot = await readDirectory(folder)
    expect([...snapshot.files.keys()]).toEqual(['.env', 'apps/a/a.yaml'])
    const oid = execFileSync('git', ['hash-object', '--stdin'], { input: 'kind: Service\n', encoding: 'utf8' }).trim()
    expect(snapshot.files.get('apps/a/a.yaml')).toEqual({ path: 'apps/a/a.yaml', oid, size: 14 })
    expect((await snapshot.blob(oid)).toString()).toBe('kind: Service\n')
    await expect(snapshot.blob('0'.repeat(40))).rejects.toThrow('no file of')
  })

  test('leaves out what git would leave out', async () => {
    write('.git/config', 'x')
    write('.swarmkeeper/swarmkeeper.db', 'x')
    write('node_modules/a/index.js', 'x')
    write('apps/a/.git/HEAD', 'x')
    write('swarmkeeper.yaml', 'kind: Fleet\n')
    expect([...(await readDirectory(folder)).files.keys()]).toEqual(['swarmkeeper.yaml'])
  })

  test('refuses links, to files and to folders, and never follows them', async () => {
    symlinkSync('/etc/passwd', join(folder, 'passwd.yaml'))
    symlinkSync('/etc', join(folder, 'etc'))
    const { files, refused } = await readDirectory(folder)
    expect([...files]).toEqual([])
    expect(refused.map(({ path }) => path)).toEqual(['etc', 'passwd.yaml'])
    expect(refused[0]?.message).toContain('it is a symbolic link')
  })

  test('refuses what is too large, without reading it, and pointers to content that is elsewhere', async () => {
    write('big.txt', Buffer.alloc(2000))
    write('lfs.bin', `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`)
    const { files, refused } = await readDirectory(folder, { limits: { blobBytes: 1000 } })
    expect([...files]).toEqual([])
    expect(refused.map(({ message }) => message).sort()).toEqual([
      expect.stringContaining('big.txt is not read: it has 2000 bytes'),
      expect.stringContaining('lfs.bin is not read: it is a Git LFS pointer'),
    ])
  })

  test('is the same revision as long as nothing in it changes, and another one when anything does', async () => {
    write('a.yaml', 'a')
    const first = (await readDirectory(folder)).revision
    expect((await readDirectory(folder)).revision).toEqual(first)
    symlinkSync('/etc', join(folder, 'link'))
    expect((await readDirectory(folder)).revision).not.toEqual(first)
  })

  test('of too many files is refused as a whole', async () => {
    for (const name of ['a', 'b', 'c']) write(name, name)
    await expect(readDirectory(folder, { limits: { files: 2 } })).rejects.toThrow('holds more than is read')
  })

  test('that is not there says so', async () => {
    await expect(readDirectory(join(folder, 'nowhere'))).rejects.toMatchObject({ reason: 'SourceUnreachable' })
  })
})
