import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentsOf } from '../conformance/source.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { createGitBench, ENGINES, type GitBench } from './support/sources.ts'

const signal = new AbortController().signal
const FILES = { 'a.yaml': 'a: 1', 'apps/web/b.yaml': 'b: 1' }

/** What a kill, a full disk or a bad block leaves behind in a clone. */
const DAMAGES: Readonly<Record<string, (clone: string) => void>> = {
  'objects that are cut short': (clone) => {
    for (const path of objectsOf(clone)) truncateSync(path, 15)
  },
  'half a pack': (clone) => forPacks(clone, '.pack', (path) => truncateSync(path, 40)),
  'half an index': (clone) => forPacks(clone, '.idx', (path) => truncateSync(path, 1000)),
  'no index': (clone) => forPacks(clone, '.idx', (path) => rmSync(path)),
  'no objects': (clone) => rmSync(join(clone, 'objects'), { recursive: true }),
  'an empty ref': (clone) => writeFileSync(join(clone, 'refs/heads/main'), ''),
  'a ref to nothing': (clone) => writeFileSync(join(clone, 'refs/heads/main'), `${'1'.repeat(40)}\n`),
  'no HEAD': (clone) => rmSync(join(clone, 'HEAD'), { force: true }),
  'locks that nobody holds': (clone) => {
    for (const lock of ['shallow.lock', 'refs/heads/main.lock', 'packed-refs.lock', 'config.lock']) {
      writeFileSync(join(clone, lock), '')
    }
  },
  'a list of cut-off commits that is half written': (clone) => writeFileSync(join(clone, 'shallow'), '0123456'),
  'an empty configuration': (clone) => writeFileSync(join(clone, 'config'), ''),
  'nothing at all': (clone) => rmSync(clone, { recursive: true }),
}

function forPacks(clone: string, ending: string, damage: (path: string) => void): void {
  const folder = join(clone, 'objects/pack')
  for (const name of readdirSync(folder).filter((one) => one.endsWith(ending))) damage(join(folder, name))
}

/** Loose or packed: the git program keeps few objects loose. */
function objectsOf(clone: string): readonly string[] {
  const names = readdirSync(join(clone, 'objects'), { recursive: true, encoding: 'utf8' })
  return names.map((name) => join(clone, 'objects', name)).filter((path) => statSync(path).isFile())
}

function unpack(clone: string): void {
  const packs: Buffer[] = []
  forPacks(clone, '.pack', (path) => packs.push(readFileSync(path)))
  rmSync(join(clone, 'objects/pack'), { recursive: true })
  for (const input of packs) execFileSync('git', ['--git-dir', clone, 'unpack-objects', '-q'], { input })
}

function onlyClone(bench: GitBench): string {
  const [clone = ''] = bench.clones()
  return clone
}

describe.each(ENGINES)('a damaged clone (git program: %s)', (engine) => {
  let bench: GitBench
  beforeEach(async () => {
    bench = await createGitBench(engine)
    bench.world.commit(FILES)
    await contentsOf(bench.source())
  })
  afterEach(() => bench.close())

  it.each(Object.entries(DAMAGES))('with %s heals, whether something is new or not', async (_, damage) => {
    damage(onlyClone(bench))
    expect(await contentsOf(bench.source())).toEqual(FILES)
    damage(onlyClone(bench))
    bench.world.commit({ ...FILES, 'c.yaml': 'c: 1' })
    expect(await contentsOf(bench.source())).toEqual({ ...FILES, 'c.yaml': 'c: 1' })
    expect(bench.clones()).toHaveLength(1)
  })

  it.each(['', 'garbage', '../../etc 0', 'git-00000000000000000000 x'])(
    'whose name is lost (%j) is made again',
    async (content) => {
      const pointer = readdirSync(bench.directory).find((name) => name.startsWith('in-use')) ?? ''
      writeFileSync(join(bench.directory, pointer), content)
      expect(await contentsOf(bench.source())).toEqual(FILES)
    },
  )

  it('heals under a snapshot that is already read, once for many readers', async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}.yaml`, `n: ${n}`]))
    bench.world.commit(many)
    const source = bench.source()
    const snapshot = await source.read(await source.resolve({ signal }), { signal })
    const before = onlyClone(bench)
    for (const path of objectsOf(before)) truncateSync(path, 15)
    bench.server.requests.length = 0
    const contents = await Promise.all([...snapshot.files.values()].map(({ oid }) => snapshot.blob(oid)))
    expect(contents.map(String)).toEqual([...snapshot.files.keys()].map((path) => many[path]))
    expect(bench.server.requests.filter((line) => line.startsWith('POST')).length).toBeLessThanOrEqual(3)
    expect(bench.clones()).toHaveLength(1)
    expect(onlyClone(bench)).not.toBe(before)
  })

  it('keeps the old one while the server is down, and heals when it is back', async () => {
    const before = onlyClone(bench)
    DAMAGES['objects that are cut short']?.(before)
    bench.server.fault = { on: 'upload-pack', does: { status: 503 } }
    await expect(contentsOf(bench.source())).rejects.toMatchObject({ reason: 'SourceUnreachable' })
    expect(bench.clones()).toEqual([before])
    bench.server.fault = undefined
    expect(await contentsOf(bench.source())).toEqual(FILES)
  })

  it('of another process is not repaired twice: the one that it made is taken over', async () => {
    const [one, other] = [bench.source(), bench.source()]
    await Promise.all([one.resolve({ signal }), other.resolve({ signal })])
    DAMAGES['nothing at all']?.(onlyClone(bench))
    expect(await contentsOf(one)).toEqual(FILES)
    const [made] = bench.clones()
    expect(await contentsOf(other)).toEqual(FILES)
    expect(bench.clones()).toEqual([made])
  })

  it('that was given up in the making is removed by a later start, and not while it may be in the making', async () => {
    const left = join(bench.directory, `${engine === 'auto' ? 'git' : 'isomorphic'}-${'0'.repeat(20)}`)
    mkdirSync(left)
    const clock = createFakeClock({ start: new Date() })
    await bench.source({ clock }).resolve({ signal })
    expect(bench.clones()).toContain(left)
    clock.jump(2 * 3_600_000)
    await bench.source({ clock }).resolve({ signal })
    expect(bench.clones()).not.toContain(left)
    expect(await contentsOf(bench.source())).toEqual(FILES)
  })
})

it('a bit that flipped in a blob is noticed by its id, and healed', async () => {
  const bench = await createGitBench('auto')
  bench.world.commit(FILES)
  const source = bench.source()
  const snapshot = await source.read(await source.resolve({ signal }), { signal })
  const oid = snapshot.files.get('a.yaml')?.oid ?? ''
  const other = bench.world.blob('a: 2')
  const clone = onlyClone(bench)
  unpack(clone)
  // A valid object under the wrong name: what git itself does not notice when it reads.
  const objectAt = (root: string, id: string) => join(root, 'objects', id.slice(0, 2), id.slice(2))
  rmSync(objectAt(clone, oid))
  writeFileSync(objectAt(clone, oid), readFileSync(objectAt(bench.world.repository, other)))
  expect((await snapshot.blob(oid)).toString()).toBe('a: 1')
  expect(onlyClone(bench)).not.toBe(clone)
  await bench.close()
})

it('isomorphic-git joins no packs: after a hundred, the clone is made again', async () => {
  const bench = await createGitBench('never')
  bench.world.commit(FILES)
  const source = bench.source()
  await source.resolve({ signal })
  const before = onlyClone(bench)
  for (let n = 0; n < 100; n++) writeFileSync(join(before, `objects/pack/pack-${n}.pack`), '')
  bench.world.commit({ 'a.yaml': 'new' })
  expect(await contentsOf(source)).toEqual({ 'a.yaml': 'new' })
  expect(onlyClone(bench)).not.toBe(before)
  await bench.close()
})
