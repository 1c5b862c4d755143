import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Source } from '../../src/model/source.ts'

type SourceFiles = Readonly<Record<string, string>>

/** A repository that the test writes, and the source that reads it. */
export interface SourceWorld {
  readonly source: Source
  /** A commit on the tracked branch, or on another one; `parents` default to the branch's tip. */
  commit(files: SourceFiles, options?: { readonly branch?: string; readonly parents?: readonly string[] }): string
  /** Moves the tracked branch, as a forced push does. */
  reset(commit: string): void
  tag(name: string, commit: string): void
  /** The next `resolve` cannot reach the repository. */
  down(): void
  up(): void
  close(): Promise<void>
}

const signal = new AbortController().signal

export async function contentsOf(source: Source, revision?: string): Promise<Record<string, string>> {
  const resolved = await source.resolve(revision === undefined ? { signal } : { signal, revision })
  const snapshot = await source.read(resolved, { signal })
  const contents = [...snapshot.files].map(async ([path, { oid }]) => [path, (await snapshot.blob(oid)).toString()])
  return Object.fromEntries(await Promise.all(contents))
}

/** What every source does. */
export function sourceConformance(name: string, make: () => Promise<SourceWorld>): void {
  describe(`${name} is a source`, () => {
    let world: SourceWorld
    beforeEach(async () => {
      world = await make()
    })
    afterEach(() => world.close())

    it('resolves the tip of the tracked branch', async () => {
      const commit = world.commit({ 'a.yaml': 'a: 1' })
      expect(await world.source.resolve({ signal })).toEqual({ commit, tree: expect.stringMatching(/^[0-9a-f]{40}$/) })
    })

    it('resolves the same revision while nothing moves, and the next one when it does', async () => {
      world.commit({ 'a.yaml': 'a: 1' })
      const first = await world.source.resolve({ signal })
      expect(await world.source.resolve({ signal })).toEqual(first)
      const commit = world.commit({ 'a.yaml': 'a: 2' })
      expect((await world.source.resolve({ signal })).commit).toBe(commit)
    })

    it('gives equal trees the same id, and different ones another', async () => {
      const trees = []
      for (const content of ['a: 1', 'a: 2', 'a: 1']) {
        world.commit({ 'a.yaml': content })
        trees.push((await world.source.resolve({ signal })).tree)
      }
      expect(trees[0]).toBe(trees[2])
      expect(trees[0]).not.toBe(trees[1])
    })

    it('reads every file of a revision, with its size and the id of its content', async () => {
      world.commit({ 'a.yaml': 'same', 'apps/web/b.yaml': 'same', 'apps/web/ü.txt': 'ü', empty: '' })
      const { files, refused } = await world.source.read(await world.source.resolve({ signal }), { signal })
      expect([...files.keys()].sort()).toEqual(['a.yaml', 'apps/web/b.yaml', 'apps/web/ü.txt', 'empty'])
      expect(files.get('a.yaml')?.oid).toBe(files.get('apps/web/b.yaml')?.oid)
      expect(files.get('apps/web/ü.txt')).toMatchObject({ path: 'apps/web/ü.txt', size: 2 })
      expect(refused).toEqual([])
      expect(await contentsOf(world.source)).toMatchObject({ 'apps/web/ü.txt': 'ü', empty: '' })
    })

    it('reads an older revision as it was', async () => {
      const old = world.commit({ 'a.yaml': 'old' })
      world.commit({ 'b.yaml': 'new' })
      expect(await contentsOf(world.source)).toEqual({ 'b.yaml': 'new' })
      expect(await contentsOf(world.source, old)).toEqual({ 'a.yaml': 'old' })
    })

    it('keeps a snapshot readable when the branch has moved on', async () => {
      world.commit({ 'a.yaml': 'old' })
      const snapshot = await world.source.read(await world.source.resolve({ signal }), { signal })
      world.reset(world.commit({ 'a.yaml': 'other' }, { parents: [] }))
      await world.source.resolve({ signal })
      expect((await snapshot.blob(snapshot.files.get('a.yaml')?.oid ?? '')).toString()).toBe('old')
    })

    it('resolves a commit, the beginning of its id, a branch and a tag', async () => {
      const old = world.commit({ 'a.yaml': 'old' })
      world.tag('v1', old)
      const tip = world.commit({ 'a.yaml': 'new' })
      const side = world.commit({ 'a.yaml': 'side' }, { branch: 'feature/x', parents: [old] })
      const commitOf = async (revision: string) => (await world.source.resolve({ signal, revision })).commit
      expect(await commitOf('main')).toBe(tip)
      expect(await commitOf(old)).toBe(old)
      expect(await commitOf('v1')).toBe(old)
      expect(await commitOf(old.slice(0, 10))).toBe(old)
      expect(await commitOf('feature/x')).toBe(side)
      expect(await commitOf(side)).toBe(side)
    })

    it('says NotFound to a revision that is none', async () => {
      world.commit({ 'a.yaml': 'a' })
      for (const revision of ['nowhere', `${'0'.repeat(39)}1`, '0123456', '--all', 'main^', 'a..b', '']) {
        const resolved = world.source.resolve({ signal, revision })
        await expect(resolved, `revision '${revision}'`).rejects.toMatchObject({ reason: 'NotFound' })
      }
    })

    it('tells a descendant from a rewritten history', async () => {
      const first = world.commit({ 'a.yaml': '1' })
      await world.source.resolve({ signal })
      const second = world.commit({ 'a.yaml': '2' })
      const third = world.commit({ 'a.yaml': '3' })
      await world.source.resolve({ signal })
      expect(await world.source.descends(third, first, { signal })).toBe(true)
      expect(await world.source.descends(third, third, { signal })).toBe(true)
      expect(await world.source.descends(first, third, { signal })).toBe(false)

      world.reset(first)
      const rewritten = world.commit({ 'a.yaml': '4' })
      await world.source.resolve({ signal })
      expect(await world.source.descends(rewritten, first, { signal })).toBe(true)
      expect(await world.source.descends(rewritten, second, { signal })).toBe(false)
    })

    it('tells of commits that it never fetched by themselves', async () => {
      const first = world.commit({ 'a.yaml': '1' })
      world.commit({ 'a.yaml': '2' })
      const third = world.commit({ 'a.yaml': '3' })
      await world.source.resolve({ signal })
      expect(await world.source.descends(third, first, { signal })).toBe(true)
      expect(await world.source.descends(third, '0123456789012345678901234567890123456789', { signal })).toBe(false)
    })

    /** Files of a head merged into a commit, or the paths in conflict. */
    const mergedOf = async (into: string, head: string, ref = 'refs/heads/side') => {
      const merged = await world.source.merged({ into, head, ref }, { signal })
      if ('conflicts' in merged) return merged.conflicts
      const { files, blob } = await world.source.read(merged.revision, { signal })
      expect(merged.revision.commit).toBe(head)
      const contents = [...files].map(async ([path, { oid }]) => [path, (await blob(oid)).toString()])
      return Object.fromEntries(await Promise.all(contents))
    }

    it('merges a head into the tip without writing anything: what came to the tip meanwhile stays', async () => {
      const first = world.commit({ a: '1', b: '1', gone: 'x' })
      await world.source.resolve({ signal })
      const side = world.commit({ a: '2', b: '1', added: 'n' }, { branch: 'side', parents: [first] })
      const tip = world.commit({ a: '1', b: '2', gone: 'x' })
      expect(await mergedOf(tip, side)).toEqual({ a: '2', b: '2', added: 'n' })
      expect((await world.source.resolve({ signal })).commit).toBe(tip)
      expect(await contentsOf(world.source)).toEqual({ a: '1', b: '2', gone: 'x' })
    })

    it('merges a head that follows the tip, or is in it already', async () => {
      const first = world.commit({ a: '1' })
      const ahead = world.commit({ a: '2' }, { branch: 'side', parents: [first] })
      expect(await mergedOf(first, ahead)).toEqual({ a: '2' })
      const tip = world.commit({ a: '3' }, { parents: [ahead] })
      expect(await mergedOf(tip, ahead)).toEqual({ a: '3' })
    })

    it('merges a head that branched off before anything was fetched', async () => {
      const first = world.commit({ a: '1', b: '1' })
      const side = world.commit({ a: '2', b: '1' }, { branch: 'side', parents: [first] })
      world.commit({ a: '1', b: '2' }, { parents: [first] })
      const tip = world.commit({ a: '1', b: '3' })
      await world.source.resolve({ signal })
      expect(await mergedOf(tip, side)).toEqual({ a: '2', b: '3' })
    })

    it('names the files in conflict', async () => {
      const first = world.commit({ a: '1', b: '1' })
      const side = world.commit({ a: '2', b: '2' }, { branch: 'side', parents: [first] })
      const tip = world.commit({ a: '3', b: '1' })
      expect(await mergedOf(tip, side)).toEqual(['a'])
    })

    it('SEC-5: says NotFound to a head that is none, or is named like an option', async () => {
      const tip = world.commit({ a: '1' })
      const nobody = '0123456789012345678901234567890123456789'
      for (const [head, ref] of [
        [nobody, 'refs/pull/7/head'],
        [nobody, '--upload-pack=touch /tmp/x'],
      ] as const) {
        const merged = world.source.merged({ into: tip, head, ref }, { signal })
        await expect(merged).rejects.toMatchObject({ reason: 'NotFound' })
      }
    })

    it('tells the commits between two, newest first', async () => {
      const ids = ['1', '2', '3', '4'].map((content) => world.commit({ a: content }))
      const [first = '', second, third, fourth = ''] = ids
      await world.source.resolve({ signal })
      expect(await world.source.between(first, fourth, { signal })).toEqual([third, second])
      expect(await world.source.between(fourth, fourth, { signal })).toEqual([])
    })

    it('says SourceUnreachable during an outage, and goes on after it', async () => {
      const commit = world.commit({ 'a.yaml': 'a' })
      world.down()
      const failed = world.source.resolve({ signal })
      await expect(failed).rejects.toMatchObject({ reason: 'SourceUnreachable', retryable: true })
      world.up()
      expect((await world.source.resolve({ signal })).commit).toBe(commit)
    })

    it('stops when it is cancelled', async () => {
      world.commit({ 'a.yaml': 'a' })
      const cancelled = world.source.resolve({ signal: AbortSignal.abort() })
      await expect(cancelled).rejects.toMatchObject({ reason: 'Aborted' })
    })

    it('reads no blob but those of the snapshot', async () => {
      const snapshotOf = async () => world.source.read(await world.source.resolve({ signal }), { signal })
      world.commit({ 'a.yaml': 'before' })
      const before = (await snapshotOf()).files.get('a.yaml')?.oid ?? ''
      world.commit({ 'a.yaml': 'after' })
      await expect((await snapshotOf()).blob(before)).rejects.toMatchObject({ reason: 'NotFound' })
    })
  })
}
