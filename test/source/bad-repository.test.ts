import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Snapshot } from '../../src/model/source.ts'
import type { GitSourceOptions } from '../../src/source/git-options.ts'
import type { RawEntry } from './support/git-world.ts'
import { createGitBench, ENGINES, type GitBench } from './support/sources.ts'

const signal = new AbortController().signal
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`

/** What a repository can hold that is not read: all of it beside a good file. */
describe.each(ENGINES)('a repository that holds (git program: %s)', (engine) => {
  let bench: GitBench
  beforeEach(async () => {
    bench = await createGitBench(engine)
  })
  afterEach(() => bench.close())

  const read = async (options?: Partial<GitSourceOptions>): Promise<Snapshot> => {
    const source = bench.source(options)
    return source.read(await source.resolve({ signal }), { signal })
  }
  const pathsOf = (snapshot: Snapshot) => [...snapshot.files.keys()].sort()
  const refusedPaths = (snapshot: Snapshot) => snapshot.refused.map(({ path }) => path).sort()
  /** A tree of raw entries beside `good.yaml`. */
  const craft = (...entries: readonly RawEntry[]) => {
    const good = { mode: '100644', name: 'good.yaml', oid: bench.world.blob('good: 1') }
    return bench.world.commitTree(bench.world.rawTree([...entries, good]))
  }
  const file = (name: string): RawEntry => ({ mode: '100644', name, oid: bench.world.blob('x') })

  it('SEC-2 symbolic links, to files, folders and away: refuses each by its path', async () => {
    bench.world.commit({
      'good.yaml': 'good: 1',
      'apps/web/env': { mode: '120000', content: '/proc/self/environ' },
      'apps/api': { mode: '120000', content: '../../../etc' },
      'apps/chain': { mode: '120000', content: 'web/env' },
    })
    const snapshot = await read()
    expect(pathsOf(snapshot)).toEqual(['good.yaml'])
    expect(refusedPaths(snapshot)).toEqual(['apps/api', 'apps/chain', 'apps/web/env'])
    expect(snapshot.refused[0]?.message).toMatch(/^apps\/\S+ is not read: it is a symbolic link/)
  })

  it('SEC-2 a link: does not give its blob away either', async () => {
    const oid = bench.world.blob('/etc/passwd')
    bench.world.commit({ 'good.yaml': 'good: 1', link: { mode: '120000', oid } })
    await expect((await read()).blob(oid)).rejects.toMatchObject({ reason: 'NotFound' })
  })

  it('SEC-3 a submodule: refuses it by its path and fetches nothing of it', async () => {
    const url = 'http://127.0.0.1:9/evil.git'
    bench.world.commit({
      'good.yaml': 'good: 1',
      '.gitmodules': `[submodule "evil"]\n\tpath = vendor/evil\n\turl = ${url}\n`,
      '.gitattributes': '* filter=evil\n',
      'vendor/evil': { mode: '160000', oid: '1'.repeat(40) },
    })
    const snapshot = await read()
    expect(pathsOf(snapshot)).toEqual(['.gitattributes', '.gitmodules', 'good.yaml'])
    expect(snapshot.refused).toEqual([
      { path: 'vendor/evil', message: expect.stringContaining('vendor/evil is not read: it is a submodule') },
    ])
  })

  it('SEC-3 a Git LFS pointer: refuses it by its path, wherever it lies', async () => {
    bench.world.commit({
      'good.yaml': 'good: 1',
      'a/model.bin': POINTER,
      'b/model.bin': POINTER,
      'long.txt': 'x'.repeat(200),
    })
    const snapshot = await read()
    expect(pathsOf(snapshot)).toEqual(['good.yaml', 'long.txt'])
    expect(refusedPaths(snapshot)).toEqual(['a/model.bin', 'b/model.bin'])
    expect(snapshot.refused[0]?.message).toContain('Git LFS')
  })

  it("SEC-1, SEC-3 folders that are git's own or lead away: refuses each folder, once", async () => {
    const inside = bench.world.rawTree([file('config'), file('hooks')])
    const names = ['.git', '.GIT', 'git~1', '.git ', '..', '.']
    craft(...names.map((name) => ({ mode: '40000', name, oid: inside })))
    const snapshot = await read()
    expect(pathsOf(snapshot)).toEqual(['good.yaml'])
    expect(refusedPaths(snapshot)).toEqual([...names].sort())
  })

  it('SEC-1 files whose tree entry is a way out: refuses each alone, and prints it on one line', async () => {
    const names = ['a/../../etc/passwd', '/etc/passwd', 'a\\b', '..', '.git', 'new\nline', 'bell\u0007', '.g\u200cit']
    craft(...names.map((name) => file(name)))
    const snapshot = await read()
    expect(pathsOf(snapshot)).toEqual(['good.yaml'])
    expect(snapshot.refused).toHaveLength(names.length)
    expect(refusedPaths(snapshot)).toContain('new\\u{a}line')
    for (const { path, message } of snapshot.refused) expect(`${path}${message}`).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  it('a name that is not UTF-8: refuses it alone', async () => {
    craft({ ...file(''), name: Buffer.from([0x66, 0xff, 0xfe]) })
    const snapshot = await read()
    expect(pathsOf(snapshot)).toEqual(['good.yaml'])
    expect(snapshot.refused[0]?.message).toContain('UTF-8')
  })

  it('two entries of one path: refuses the path, as no reader agrees with another on it', async () => {
    const other = { mode: '100644', name: 'a.yaml', oid: bench.world.blob('y') }
    craft(file('a.yaml'), other)
    const snapshot = await read()
    expect(pathsOf(snapshot)).toEqual(['good.yaml'])
    expect(refusedPaths(snapshot)).toEqual(['a.yaml'])
  })

  it('modes that git would not write: reads them as git does', async () => {
    const folder = bench.world.rawTree([{ ...file('inside'), mode: '100600' }])
    craft({ ...file('device'), mode: '60000' }, { mode: '040000', name: 'folder', oid: folder })
    const snapshot = await read()
    expect(pathsOf(snapshot)).toEqual(['folder/inside', 'good.yaml'])
    expect(refusedPaths(snapshot)).toEqual(['device'])
  })

  it('an executable file: reads it', async () => {
    bench.world.commit({ 'run.sh': { mode: '100755', content: 'exit 0' } })
    expect(pathsOf(await read())).toEqual(['run.sh'])
  })

  it('a file of 50 MB: refuses it with its size, and reads nothing of it', async () => {
    bench.world.commit({ 'good.yaml': 'good: 1', 'apps/dump.sql': Buffer.alloc(50_000_000, 'x') })
    const snapshot = await read()
    expect(pathsOf(snapshot)).toEqual(['good.yaml'])
    expect(snapshot.refused).toEqual([
      { path: 'apps/dump.sql', message: expect.stringContaining('it has 50000000 bytes, and 1048576 are the limit') },
    ])
  })

  it('a file of exactly the limit: reads it; of one byte more: refuses it', async () => {
    bench.world.commit({ most: 'x'.repeat(100), more: 'x'.repeat(101) })
    const snapshot = await read({ limits: { blobBytes: 100 } })
    expect(pathsOf(snapshot)).toEqual(['most'])
    expect(refusedPaths(snapshot)).toEqual(['more'])
  })

  it('a large file that is stored as a delta: knows its size all the same', async () => {
    const lines = Array.from({ length: 4000 }, (_, n) => `line ${n} of a file that packs well`)
    bench.world.commit({ 'a.txt': lines.join('\n') })
    bench.world.commit({ 'a.txt': lines.join('\n'), 'b.txt': [...lines, 'one more'].join('\n'), 'c.txt': 'small' })
    bench.world.git(['repack', '-adfq', '--window=50'])
    const snapshot = await read()
    const contents = await Promise.all([...snapshot.files.values()].map(({ oid }) => snapshot.blob(oid)))
    expect([...snapshot.files.values()].map(({ size }) => size)).toEqual(contents.map(({ length }) => length))
    const refused = await read({ limits: { blobBytes: 100 } })
    expect(refused.refused.map(({ message }) => message.includes(`${lines.join('\n').length}`))).toContain(true)
  })

  it('more files than the limit: refuses the whole, as no part of it would be right', async () => {
    bench.world.commit(Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`f${n}`, `${n}`])))
    expect((await read({ limits: { files: 11 } })).files.size).toBe(11)
    await expect(read({ limits: { files: 10 } })).rejects.toMatchObject({
      reason: 'SourceRefused',
      message: expect.stringContaining('10 files'),
    })
  })

  it('longer paths than the limit: refuses the whole', async () => {
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${'d/'.repeat(400)}${n}`, '']))
    bench.world.commit(files)
    await expect(read({ limits: { pathBytes: 10_000, files: 100 } })).rejects.toMatchObject({ reason: 'SourceRefused' })
  })

  it('SEC-21 a tree bomb, 10^10 paths of ten objects: refuses it at the limit', async () => {
    let oid = bench.world.blob('boom')
    let mode = '100644'
    for (let level = 0; level < 10; level++) {
      const entries = Array.from({ length: 10 }, (_, n) => ({ mode, name: `f${n}`, oid }))
      oid = bench.world.rawTree(entries)
      mode = '40000'
    }
    bench.world.commitTree(oid)
    await expect(read({ limits: { files: 1000, pathBytes: 100_000 } })).rejects.toMatchObject({
      reason: 'SourceRefused',
    })
  })

  it('SEC-21 a tree bomb of empty folders: refuses it at the limit', async () => {
    let oid = bench.world.rawTree([])
    for (let level = 0; level < 10; level++) {
      oid = bench.world.rawTree(Array.from({ length: 10 }, (_, n) => ({ mode: '40000', name: `d${n}`, oid })))
    }
    bench.world.commitTree(oid)
    await expect(read({ limits: { files: 1000, pathBytes: 100_000 } })).rejects.toMatchObject({
      reason: 'SourceRefused',
    })
  })

  it('nothing at all: reads nothing', async () => {
    bench.world.commit({})
    const snapshot = await read()
    expect([snapshot.files.size, snapshot.refused.length]).toEqual([0, 0])
  })

  it('a merge: reads the tree of the merge', async () => {
    const left = bench.world.commit({ a: 'left' })
    const right = bench.world.commit({ a: 'right' }, { branch: 'side', parents: [] })
    bench.world.commit({ a: 'merged' }, { parents: [left, right] })
    const source = bench.source()
    const { commit } = await source.resolve({ signal })
    expect(await source.descends(commit, left, { signal })).toBe(true)
    expect(await source.descends(commit, right, { signal })).toBe(true)
    expect(await source.descends(left, right, { signal })).toBe(false)
  })
})

it.each(ENGINES)('100,000 files are read, and one more is refused (git program: %s)', async (engine) => {
  const bench = await createGitBench(engine)
  const { world } = bench
  const oid = world.blob('x')
  // A thousand files, a hundred times: three objects.
  const folder = world.rawTree(Array.from({ length: 1000 }, (_, n) => ({ mode: '100644', name: `f${n + 1000}`, oid })))
  const folders = Array.from({ length: 100 }, (_, n) => ({ mode: '40000', name: `d${n + 100}`, oid: folder }))
  const source = bench.source()
  world.commitTree(world.rawTree(folders))
  expect((await source.read(await source.resolve({ signal }), { signal })).files.size).toBe(100_000)
  world.commitTree(world.rawTree([...folders, { mode: '100644', name: 'one-more', oid }]))
  const read = source.read(await source.resolve({ signal }), { signal })
  await expect(read).rejects.toMatchObject({ reason: 'SourceRefused' })
  await bench.close()
})
