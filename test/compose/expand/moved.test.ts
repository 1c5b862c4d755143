import { describe, expect, it } from 'vitest'
import { partsOf } from '../../../src/model/id.ts'
import type { MemoryFiles } from '../../../src/source/memory.ts'
import { declared, errorsOf } from '../../plan/stacks-world.ts'

const stack = (name: string, keeper = ''): string => `kind: Stack\nname: ${name}\ncompose: [${name}.yaml]\n${keeper}`

/** Stack `db` of an app of its own. */
const db = (compose: string, moved = ''): MemoryFiles => ({
  'apps/db/stack.yaml': stack('db', moved === '' ? '' : `keeper: {moved: ${moved}}\n`),
  'apps/db/db.yaml': compose,
  'apps/db/a.txt': 'a',
  'apps/db/b.txt': 'b',
})

const PLATFORM: MemoryFiles = {
  'apps/platform/stack.yaml': stack('platform'),
  'apps/platform/platform.yaml': 'services: {web: {image: "nginx:1.27"}}\n',
}

/** `db: Service platform_postgres`, without the ends of generations. */
async function resources(files: MemoryFiles): Promise<readonly string[]> {
  const { apps } = await declared(files)
  return [...apps.values()].flatMap(({ app, wanted }) =>
    wanted.map(({ id }) => {
      const { kind, name } = partsOf(id)
      return `${app}: ${kind} ${name.replace(/_[0-9a-f]{12}$/, '')}`
    }),
  )
}

const POSTGRES = 'services: {postgres: {image: "postgres:16"}}\n'
const SECRETS = [
  'services:',
  '  postgres: {image: "postgres:16", secrets: [own, both]}',
  '  admin: {image: "pgadmin:8", secrets: [both]}',
  'secrets: {own: {file: a.txt}, both: {file: b.txt}, none: {file: b.txt}}',
  '',
].join('\n')
const ONE = '{services: {postgres: platform/postgres}}'

describe('`moved` of a Stack', () => {
  it('gives a service the names and labels of the stack that it is of live', async () => {
    const { apps } = await declared({ ...PLATFORM, ...db(POSTGRES, ONE) })
    const [service] = (apps.get('db')?.wanted ?? []).filter(({ kind }) => kind === 'Service')
    expect(service?.id).toBe('prod/Service/platform_postgres')
    expect(service?.spec).toMatchObject({
      name: 'platform_postgres',
      labels: { 'com.docker.stack.namespace': 'platform' },
      containerLabels: { 'com.docker.stack.namespace': 'platform' },
      networks: [{ name: 'platform_default', aliases: ['postgres'] }],
    })
  })

  it('leaves the network to the old stack, while that is declared', async () => {
    expect(await resources({ ...PLATFORM, ...db(POSTGRES, ONE) })).toEqual([
      'db: Service platform_postgres',
      'platform: Network platform_default',
      'platform: Service platform_web',
    ])
    expect(await resources(db(POSTGRES, ONE))).toEqual([
      'db: Network platform_default',
      'db: Service platform_postgres',
    ])
  })

  it('takes along the secrets that only moved services use; what others use is the own one of each', async () => {
    expect((await resources(db(SECRETS, ONE))).filter((line) => line.includes('Secret'))).toEqual([
      'db: Secret db_both',
      'db: Secret db_none',
      'db: Secret platform_both',
      'db: Secret platform_own',
    ])
  })

  it('of the whole stack gives everything its old names', async () => {
    const all = await resources(db(SECRETS, '{from: platform}'))
    expect(all.filter((line) => !/platform_/.test(line))).toEqual([])
    expect(all).toHaveLength(6)
  })

  it('is refused where the old stack still declares the service', async () => {
    const both = { ...PLATFORM, 'apps/platform/platform.yaml': POSTGRES }
    expect((await errorsOf({ ...both, ...db(POSTGRES, ONE) })).join('\n')).toMatch(
      /prod\/Service\/platform_postgres is already declared/,
    )
  })

  it.each([
    ['{services: {postgre: platform/postgres}}', /no service 'postgre' is in its compose files.*postgres/],
    ['{services: {postgres: platform_postgres}}', /apps\/db\/stack\.yaml:4/],
    ['{}', /apps\/db\/stack\.yaml:4/],
  ])('%s is refused where it stands', async (moved, message) => {
    expect((await errorsOf(db(POSTGRES, moved))).join('\n')).toMatch(message)
  })

  it('of services is nothing that another kind has', async () => {
    const service = `kind: Service\nname: pg\nimage: postgres:16\nkeeper: {moved: ${ONE}}\n`
    expect(await errorsOf({ 'apps/db/pg.yaml': service })).toEqual([
      expect.stringMatching(/^apps\/db\/pg\.yaml:4:\d+ .*only a Stack has services/),
    ])
  })
})
