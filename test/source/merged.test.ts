import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Source } from '../../src/model/source.ts'
import { createGitBench, ENGINES, type GitBench } from './support/sources.ts'

const signal = new AbortController().signal
const REF = 'refs/pull/7/head'

/** A pull request's head, which no branch leads to, as GitHub keeps it. */
describe.each(ENGINES)('the merge of a pull request into the tip (git program: %s)', (engine) => {
  let bench: GitBench
  let source: Source
  beforeEach(async () => {
    bench = await createGitBench(engine)
    source = bench.source()
  })
  afterEach(() => bench.close())

  const tipOf = async (): Promise<string> => (await source.resolve({ signal })).commit
  const pullOf = (files: Parameters<GitBench['world']['commit']>[0], parent: string, ref = REF): string => {
    const head = bench.world.commit(files, { branch: 'side', parents: [parent] })
    bench.world.git(['update-ref', ref, head])
    bench.world.git(['update-ref', '-d', 'refs/heads/side'])
    return head
  }
  const mergedOf = async (head: string) => {
    const merged = await source.merged({ into: await tipOf(), head, ref: REF }, { signal })
    if ('conflicts' in merged) return merged
    const { files, refused, blob } = await source.read(merged.revision, { signal })
    const texts = [...files].map(async ([path, { oid }]) => [path, (await blob(oid)).toString()])
    return { files: Object.fromEntries(await Promise.all(texts)), refused: refused.map(({ path }) => path) }
  }

  it('is made of a branch that is older than all that was fetched so far', async () => {
    const old = bench.world.commit({ a: '1', b: '0' })
    for (let n = 1; n <= 30; n += 1) bench.world.commit({ a: '1', b: String(n) })
    await tipOf()
    const head = pullOf({ a: '2', b: '0' }, old)
    expect(await mergedOf(head)).toEqual({ files: { a: '2', b: '30' }, refused: [] })
  })

  it('is made within a file, where both sides changed other lines of it', async () => {
    const lines = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const text = (change: Readonly<Record<string, string>>) =>
      `${lines.map((line) => change[line] ?? line).join('\n')}\n`
    const first = bench.world.commit({ file: text({}) })
    bench.world.commit({ file: text({ a: 'A' }) })
    const head = pullOf({ file: text({ g: 'G' }) }, first)
    expect(await mergedOf(head)).toEqual({ files: { file: text({ a: 'A', g: 'G' }) }, refused: [] })
  })

  it('names what is in conflict, and leaves the clone as it was', async () => {
    const first = bench.world.commit({ a: '1', b: '1' })
    const tip = bench.world.commit({ a: '2', b: '1' })
    const head = pullOf({ a: '3', b: '2' }, first)
    expect(await mergedOf(head)).toEqual({ conflicts: ['a'] })
    expect(await tipOf()).toBe(tip)
    expect(await mergedOf(pullOf({ a: '1', b: '2' }, first))).toEqual({ files: { a: '2', b: '2' }, refused: [] })
  })

  it('is not made of a head that was pushed over since', async () => {
    const first = bench.world.commit({ a: '1' })
    const before = pullOf({ a: '2' }, first)
    pullOf({ a: '3' }, first)
    await expect(mergedOf(before)).rejects.toMatchObject({ reason: 'NotFound' })
  })

  it('is not made of a head that shares no history', async () => {
    bench.world.commit({ a: '1' })
    const head = bench.world.commit({ a: '2' }, { branch: 'side', parents: [] })
    bench.world.git(['update-ref', REF, head])
    expect(await mergedOf(head)).toEqual({ conflicts: [] })
  })

  it('SEC-2, SEC-3: runs nothing that the head brings, writes no file of it, and refuses its links', async () => {
    const touched = join(bench.directory, 'touched')
    const first = bench.world.commit({ a: '1\n', b: '1\n' })
    bench.world.commit({ a: '1\n', b: '2\n' })
    const head = pullOf(
      {
        a: '2\n',
        b: '1\n',
        '.gitattributes': '* merge=evil filter=evil diff=evil\n',
        '.gitmodules': `[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch ${touched}\n`,
        '.git-hooks/post-merge': { mode: '100755', content: `#!/bin/sh\ntouch ${touched}\n` },
        link: { mode: '120000', content: '/etc/passwd' },
      },
      first,
    )
    const merged = await mergedOf(head)
    expect(merged).toMatchObject({ files: { a: '2\n', b: '2\n' }, refused: ['link'] })
    expect(existsSync(touched)).toBe(false)
    for (const clone of bench.clones()) expect(existsSync(join(clone, 'a'))).toBe(false)
  })
})
