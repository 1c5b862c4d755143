import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ImportOptions, ImportReport } from '../../src/model/import.ts'
import { temporaryFolder, type } from './cli-world.ts'

const REPORT: ImportReport = {
  target: 'prod',
  files: [
    { path: 'apps/shop/compose.yaml', content: 'services: {}\n', about: 'stack shop: shop_web' },
    { path: 'apps/shop/stack.yaml', content: 'kind: Stack\n', about: 'stack shop' },
  ],
  counts: { stacks: 1, services: 2, networks: 1, secrets: 1, configs: 0 },
  owned: 0,
  notes: [{ subject: 'Service/shop_db', message: 'it would change /groups' }],
  leftOut: [],
  hazards: [
    { code: 'no-health-check', subject: 'shop_web', message: 'says none' },
    { code: 'data', subject: 'shop_db', message: 'floats', todo: 'add a constraint' },
    { code: 'no-health-check', subject: 'shop_db', message: 'says none' },
  ],
}

describe('import swarm', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let asked: ImportOptions[]
  const engine = {
    importSwarm: async (options: ImportOptions) => {
      asked.push(options)
      return REPORT
    },
  }
  const run = (...words: string[]) => type(['import', 'swarm', ...words], { engine, cwd: folder.path })
  const written = (path: string): string => readFileSync(join(folder.path, path), 'utf8')

  beforeEach(() => {
    asked = []
    folder = temporaryFolder()
    writeFileSync(join(folder.path, 'swarmkeeper.yaml'), 'kind: Fleet\nversion: 1\n')
    mkdirSync(join(folder.path, 'targets'))
    writeFileSync(join(folder.path, 'targets/prod.yaml'), 'kind: Swarm\nname: prod\nendpoints: ["unix:///prod.sock"]\n')
  })
  afterEach(() => folder.remove())

  it('writes what was found into the repository in which it is typed, and says what it is, what is dangerous and what is next', async () => {
    const { code, out } = await run('prod')
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      '+ apps/shop/compose.yaml  stack shop: shop_web',
      '+ apps/shop/stack.yaml  stack shop',
      '',
      '1 stack, 2 services, 1 network, 0 configs, 1 secret by reference',
      'every document was read back and compared with what is live: no difference',
      'first plan: only adopts, 0 restarts',
      '',
      'written in another way:',
      '! Service/shop_db: it would change /groups',
      '',
      '3 hazards in what runs:',
      '! data that can be lost or damaged (1)',
      '    shop_db: floats => add a constraint',
      '! no health check: running counts as healthy (2): shop_web, shop_db',
      '',
      'next:',
      '  swarmkeeper validate',
      '  git add -A && git commit -m "What runs"',
      '  swarmkeeper plan     (adopts, and nothing else)',
      '  swarmkeeper apply',
      '',
    ])
    expect(written('apps/shop/compose.yaml')).toBe('services: {}\n')
    expect(asked[0]?.target).toMatchObject({ name: 'prod', config: { endpoints: ['unix:///prod.sock'] } })
  })

  it('writes nothing over: one file in the way, and nothing is written at all', async () => {
    mkdirSync(join(folder.path, 'apps/shop'), { recursive: true })
    writeFileSync(join(folder.path, 'apps/shop/stack.yaml'), 'kind: Stack # mine\n')
    const { code, err } = await run('prod')
    expect(code).toBe(1)
    expect(err).toContain('apps/shop/stack.yaml is there already, with other content')
    expect(existsSync(join(folder.path, 'apps/shop/compose.yaml'))).toBe(false)
  })

  it('a second time finds its own files', async () => {
    await run('prod')
    const { code, out } = await run('prod')
    expect(code).toBe(0)
    expect(out).toContain('= apps/shop/stack.yaml  stack shop, there already')
    expect(out).not.toContain('next:')
  })

  it.each([
    ['--dry-run shows', ['--dry-run'], '+ apps/shop/stack.yaml'],
    ['--out - prints', ['--out', '-'], '# apps/shop/stack.yaml\nkind: Stack\n'],
    ['--format json prints', ['--format', 'json'], '"path": "apps/shop/stack.yaml"'],
  ])('%s, and writes nothing', async (_, flags, shown) => {
    const { code, out } = await run('prod', ...flags)
    expect(code).toBe(0)
    expect(out).toContain(shown)
    expect(existsSync(join(folder.path, 'apps'))).toBe(false)
  })

  it('asks for a part', async () => {
    await run('prod', '--stack', 'shop', '--service', 'shop_web')
    expect(asked[0]).toMatchObject({ stack: 'shop', service: 'shop_web' })
  })

  it('begins a repository elsewhere from an endpoint', async () => {
    const { code } = await run('new', '--endpoint', 'unix:///new.sock', '--out', 'fleet')
    expect(code).toBe(0)
    expect(written('fleet/swarmkeeper.yaml')).toContain('kind: Fleet')
    expect(written('fleet/targets/new.yaml')).toBe('kind: Swarm\nname: new\nendpoints: ["unix:///new.sock"]\n')
    expect(written('fleet/apps/shop/stack.yaml')).toBe('kind: Stack\n')
  })

  it('says what targets there are, and how to name one', async () => {
    const { code, err } = await run('porod')
    expect(code).toBe(1)
    expect(err).toContain("no target 'porod' is declared; there are: prod")
    expect(err).toContain('--endpoint')
  })

  it('knows no other type', async () => {
    const { code, err } = await type(['import', 'moon', 'prod'], { engine, cwd: folder.path })
    expect(code).toBe(1)
    expect(err).toContain("import knows no 'moon'")
  })
})
