import { describe, expect, it } from 'vitest'
import { createMemorySource } from '../../src/source/memory.ts'
import { sourceConformance } from '../conformance/source.ts'

const signal = new AbortController().signal

sourceConformance('the in-memory source', async () => {
  const source = createMemorySource()
  const { commit, reset, tag } = source
  return { source, commit, reset, tag, down: () => source.failNext(), up: () => undefined, close: source.dispose }
})

describe('the in-memory source', () => {
  it('names a blob as git does', async () => {
    const source = createMemorySource({ hello: 'hello\n' })
    const { files } = await source.read(await source.resolve({ signal }), { signal })
    expect(files.get('hello')?.oid).toBe('ce013625030ba8dba906f756967f9e9ca394464a')
  })

  it('fails as often as it was told, with the error that it was told', async () => {
    const source = createMemorySource({ a: 'a' })
    source.failNext(2, new Error('boom'))
    await expect(source.resolve({ signal })).rejects.toThrow('boom')
    await expect(source.resolve({ signal })).rejects.toThrow('boom')
    await expect(source.resolve({ signal })).resolves.toBeDefined()
    expect(source.resolves).toBe(3)
  })

  it('reports what a test says is refused', async () => {
    const source = createMemorySource()
    const refused = [{ path: 'link', message: 'a link' }]
    source.commit({ a: 'a' }, { refused })
    expect((await source.read(await source.resolve({ signal }), { signal })).refused).toEqual(refused)
  })
})
