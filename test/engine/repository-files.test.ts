import { describe, expect, it } from 'vitest'
import type { RepositoryFiles } from '../../src/desired/document.ts'
import { createBlobCache, openRepository } from '../../src/engine/repository-files.ts'
import { counted, lines, newRender, snapshotOf } from './counted.ts'

const BASE = {
  'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
  'targets/prod.yaml': 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n',
  'apps/web/web.yaml': 'kind: Service\nname: web\nimage: hello:1\nenvFile: web.env\n',
  'apps/web/web.env': 'A=1\n',
}
const UNUSED = { 'assets/big.iso': 'x'.repeat(1000), 'apps/web/logo.png': 'png', 'docs/a.yaml': 'a: 1\n' }
const DOCUMENTS = ['apps/web/web.yaml', 'swarmkeeper.yaml', 'targets/prod.yaml']

const cache = () => createBlobCache(1_000_000)

describe('what is read of a revision', () => {
  it('is what may be a document and what documents name; nothing else', async () => {
    const { snapshot, read } = counted(await snapshotOf({ ...BASE, ...UNUSED }))
    expect(lines(await newRender()(snapshot))).toEqual([])
    expect(read.sort()).toEqual(['apps/web/web.env', ...DOCUMENTS])
  })

  it('is one blob after a change of one document, or of one file that a document names', async () => {
    const render = newRender()
    const renderOf = async (files: Readonly<Record<string, string>>) => {
      const { snapshot, read } = counted(await snapshotOf({ ...BASE, ...UNUSED, ...files }))
      const desired = await render(snapshot)
      return { read, env: desired.apps.get('web')?.wanted[0]?.spec }
    }
    await renderOf({})
    const document = { 'apps/web/web.yaml': `${BASE['apps/web/web.yaml']}replicas: 2\n` }
    expect((await renderOf(document)).read).toEqual(['apps/web/web.yaml'])
    const changed = await renderOf({ ...document, 'apps/web/web.env': 'A=2\n' })
    expect(changed.read).toEqual(['apps/web/web.env'])
    expect(changed.env).toMatchObject({ env: { A: '2' } })
    expect((await renderOf({ ...document, 'assets/big.iso': 'y' })).read).toEqual([])
  })

  it('is one blob where two files have the same content', async () => {
    const twin = { 'apps/web/two.yaml': 'kind: Service\nname: two\nimage: hello:1\nenvFile: two.env\n' }
    const { snapshot, read } = counted(await snapshotOf({ ...BASE, ...twin, 'apps/web/two.env': 'A=1\n' }))
    await newRender()(snapshot)
    expect(read).toHaveLength(5)
  })

  it('is all that a document needs where bases outside of the root extend each other, and no more', async () => {
    const count = 15
    const bases = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `base/${index}.yaml`,
        index === count - 1 ? 'kind: Service\nname: deep\nimage: hello:1\n' : `extends: ${index + 1}.yaml\n`,
      ]),
    )
    const prod = Object.fromEntries(Object.entries(BASE).map(([path, text]) => [`envs/prod/${path}`, text]))
    const deep = { 'envs/prod/apps/deep/deep.yaml': 'extends: ../../../../base/0.yaml\n' }
    const files = { ...prod, ...deep, ...bases, 'base/nobody.yaml': 'kind: Service\n', ...BASE }
    const { snapshot, read } = counted(await snapshotOf({ ...files, 'apps/top/top.yaml': 'kind: X\n' }, 'envs/prod'))
    const desired = await newRender()(snapshot)
    expect(lines(desired)).toEqual([])
    expect(desired.apps.get('deep')?.wanted[0]?.spec).toMatchObject({ image: 'hello:1' })
    expect(read).toHaveLength(DOCUMENTS.length + 2 + count)
  })
})

describe('a step over the files of a repository', () => {
  it('runs once where all is at hand, and again where it asked for more', async () => {
    const snapshot = await snapshotOf({ ...BASE, ...UNUSED })
    const runsOf = async (path: string, expected: readonly string[] = []) => {
      const repository = await openRepository(snapshot, cache(), expected)
      const seen: unknown[] = []
      await repository.complete((files) => seen.push(contentOf(files, path)))
      return seen
    }
    expect(await runsOf('apps/web/web.yaml')).toEqual([BASE['apps/web/web.yaml']])
    expect(await runsOf('apps/web/web.env')).toEqual(['later', 'A=1\n'])
    expect(await runsOf('apps/web/web.env', ['apps/web/web.env', 'no longer there'])).toEqual(['A=1\n'])
    expect(await runsOf('apps/web/none')).toEqual([undefined])
  })

  it('finds in every run what it found before, though the cache is too small to keep it', async () => {
    const repository = await openRepository(await snapshotOf({ ...BASE, ...UNUSED }), createBlobCache(0))
    const paths = ['assets/big.iso', 'apps/web/web.env', 'apps/web/logo.png']
    const found = await repository.complete((files) => {
      for (const path of paths) if (contentOf(files, path) === 'later') return undefined
      return 'all'
    })
    expect(found).toBe('all')
  })

  it('ends, whatever it asks for', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`files/${index}`, `${index}`]))
    const { snapshot, read } = counted(await snapshotOf(many))
    const repository = await openRepository(snapshot, cache())
    let runs = 0
    await repository.complete((files) => contentOf(files, `files/${runs++}`))
    expect(runs).toBe(40)
    expect(read).toHaveLength(39)
  })
})

function contentOf(files: RepositoryFiles, path: string): string | undefined {
  const file = files.read(path)
  return typeof file === 'object' ? file.content.toString() : file
}
