import { describe, expect, it } from 'vitest'
import type { MemoryFiles } from '../../src/source/memory.ts'
import { doneIn, heldIn, plansBetween } from './stacks-world.ts'

const stack = (name: string, keeper = ''): string => `kind: Stack\nname: ${name}\ncompose: [${name}.yaml]\n${keeper}`

const WEB = '  web: {image: "nginx:1.27"}\n'
const POSTGRES = '  postgres: {image: "postgres:16", volumes: ["data:/var/lib/postgresql/data"]}\n'
const VOLUMES = 'volumes: {data: {}}\n'
const compose = (...services: readonly string[]): string => `services:\n${services.join('')}`

const PLATFORM: MemoryFiles = {
  'apps/platform/stack.yaml': stack('platform'),
  'apps/platform/platform.yaml': compose(WEB, POSTGRES) + VOLUMES,
}

/** Postgres is in a stack of its own now. */
const split = (keeper = '', volumes = VOLUMES): MemoryFiles => ({
  'apps/platform/stack.yaml': stack('platform'),
  'apps/platform/platform.yaml': compose(WEB),
  'apps/db/stack.yaml': stack('db', keeper),
  'apps/db/db.yaml': compose(POSTGRES) + volumes,
})

const moved = (text: string): string => `keeper: {moved: ${text}}\n`

describe('a split of a stack (moment 2)', () => {
  it('waits where the new service would be empty, names where the data stays, and prunes nothing of it', async () => {
    const plans = await plansBetween(PLATFORM, split())
    expect(heldIn(plans)).toEqual([
      'platform: data Service/platform_postgres: it stays, with its data, until it is said what prod/Service/db_postgres is to it',
      'db: data Service/db_postgres: postgres would start EMPTY; its data stays in platform_data on node-3. ' +
        '`keeper: {moved: {services: {postgres: platform/postgres}}}` on the Stack db keeps it running as it is; ' +
        '`name: platform_data` on the volume takes it over',
    ])
  })

  it('the rest of both apps goes on', async () => {
    const after = {
      ...split(),
      'apps/platform/platform.yaml': compose('  web: {image: "nginx:1.28"}\n'),
      'apps/db/db.yaml': `${compose(POSTGRES, '  admin: {image: "pgadmin:8"}\n')}${VOLUMES}`,
    }
    expect(doneIn(await plansBetween(PLATFORM, after))).toEqual([
      'platform: update Service/platform_web',
      'db: create Network/db_default',
      'db: create Service/db_admin',
    ])
  })

  it.each([
    ['the service', '{services: {postgres: platform/postgres}}'],
    ['the stack', '{from: platform}'],
  ])('with `moved` of %s nothing restarts: the record and the stamp change hands', async (_, text) => {
    const plans = await plansBetween(PLATFORM, split(moved(text)))
    expect(heldIn(plans)).toEqual([])
    expect(doneIn(plans)).toEqual(['db: move Service/platform_postgres'])
  })

  it.each([
    ['its name', 'volumes: {data: {name: platform_data}}\n'],
    ['external', 'volumes: {data: {external: true, name: platform_data}}\n'],
  ])('with the volume by %s the data is taken over, after what has it is gone', async (_, volumes) => {
    const plans = await plansBetween(PLATFORM, split('', volumes))
    expect(heldIn(plans)).toEqual([
      'db: dependency Service/db_postgres: prod/Service/platform_postgres of platform writes the same data, and is ' +
        'removed first: this one comes after it',
    ])
    expect(doneIn(plans)).toEqual(['platform: prune Service/platform_postgres', 'db: create Network/db_default'])
  })

  it('in one app the two are one change: never both on one volume', async () => {
    const after: MemoryFiles = {
      ...PLATFORM,
      'apps/platform/platform.yaml': compose(WEB),
      'apps/platform/db-stack.yaml': 'kind: Stack\nname: db\ncompose: [db.yaml]\n',
      'apps/platform/db.yaml': `${compose(POSTGRES)}volumes: {data: {name: platform_data}}\n`,
    }
    const plans = await plansBetween(PLATFORM, after)
    expect(heldIn(plans)).toEqual([])
    expect(doneIn(plans)).toEqual([
      'platform: create Network/db_default',
      'platform: replace Service/db_postgres for Service/platform_postgres',
    ])
  })

  it('and on the way back, too', async () => {
    const taken = split('', 'volumes: {data: {name: platform_data}}\n')
    const one: MemoryFiles = {
      'apps/platform/platform.yaml': compose(WEB),
      'apps/platform/stack.yaml': stack('platform'),
      'apps/platform/db-stack.yaml': 'kind: Stack\nname: db\ncompose: [db.yaml]\n',
      'apps/platform/db.yaml': String(taken['apps/db/db.yaml']),
    }
    const plans = await plansBetween(one, PLATFORM, 'last-good')
    expect(heldIn(plans)).toEqual([])
    expect(doneIn(plans)).toEqual([
      'platform: replace Service/platform_postgres for Service/db_postgres',
      'platform: prune Network/db_default',
    ])
  })

  it('what the old service needs stays with it', async () => {
    const secret = 'secrets: {password: {file: password.txt}}\n'
    const own = POSTGRES.replace('{image', '{networks: [inner], secrets: [password], image')
    const networks = 'networks: {inner: {}}\n'
    const files = { 'apps/platform/password.txt': 'x', 'apps/db/password.txt': 'x' }
    const before = {
      ...PLATFORM,
      ...files,
      'apps/platform/platform.yaml': compose(WEB, own) + VOLUMES + secret + networks,
    }
    const after = { ...split(), ...files, 'apps/db/db.yaml': compose(own) + VOLUMES + secret + networks }
    const plans = await plansBetween(before, after)
    expect(doneIn(plans).filter((line) => line.includes('prune'))).toEqual([])
    expect(heldIn(plans).filter((line) => line.includes('stays, and needs it'))).toHaveLength(2)
  })
})

describe('a rename', () => {
  const renamed = (keeper = ''): MemoryFiles => ({
    'apps/platform/stack.yaml': `kind: Stack\nname: core\ncompose: [platform.yaml]\n${keeper}`,
    'apps/platform/platform.yaml': String(PLATFORM['apps/platform/platform.yaml']),
  })

  it('of a stack waits, and with `moved` nothing is done at all', async () => {
    const plans = await plansBetween(PLATFORM, renamed())
    expect(heldIn(plans).join('\n')).toContain('postgres would start EMPTY; its data stays in platform_data on node-3')
    expect(doneIn(plans)).not.toContain('platform: prune Service/platform_postgres')
    const said = await plansBetween(PLATFORM, renamed(moved('{from: platform}')))
    expect([doneIn(said), heldIn(said)]).toEqual([[], []])
  })

  it('of a service keeps the volume of its stack: one replace, and with `moved` an update for its new alias', async () => {
    const database = POSTGRES.replace('postgres:', 'database:')
    const after = { ...PLATFORM, 'apps/platform/platform.yaml': compose(WEB, database) + VOLUMES }
    expect(doneIn(await plansBetween(PLATFORM, after))).toEqual([
      'platform: replace Service/platform_database for Service/platform_postgres',
    ])
    const keeper = moved('{services: {database: platform/postgres}}')
    const said = await plansBetween(PLATFORM, { ...after, 'apps/platform/stack.yaml': stack('platform', keeper) })
    expect([doneIn(said), heldIn(said)]).toEqual([['platform: update Service/platform_postgres'], []])
  })

  it('of a volume, or a name given to it, waits as a change of the service', async () => {
    const of = (text: string): MemoryFiles => ({ ...PLATFORM, 'apps/platform/platform.yaml': text })
    const other = compose(WEB, POSTGRES.replace('data:/', 'rows:/'))
    for (const text of [`${other}volumes: {rows: {}}\n`, `${compose(WEB, POSTGRES)}volumes: {data: {name: rows}}\n`]) {
      const plans = await plansBetween(PLATFORM, of(text))
      expect(doneIn(plans)).toEqual([])
      expect(heldIn(plans).join('\n')).toMatch(/data Service\/platform_postgres: .*platform_data.* on node-3/)
    }
    const kept = await plansBetween(PLATFORM, of(`${other}volumes: {rows: {name: platform_data}}\n`))
    expect([doneIn(kept), heldIn(kept)]).toEqual([[], []])
  })
})

describe('a merge of two stacks', () => {
  const MYSQL = '  mysql: {image: "mysql:8", volumes: ["data:/var/lib/mysql"]}\n'
  const before: MemoryFiles = {
    'apps/a/stack.yaml': stack('a'),
    'apps/a/a.yaml': compose(POSTGRES) + VOLUMES,
    'apps/b/stack.yaml': stack('b'),
    'apps/b/b.yaml': compose(MYSQL) + VOLUMES,
  }
  const merged = (keeper = ''): MemoryFiles => ({
    'apps/ab/stack.yaml': stack('ab', keeper),
    'apps/ab/ab.yaml': `${compose(POSTGRES, MYSQL.replace('data:/', 'rows:/'))}volumes: {data: {}, rows: {}}\n`,
  })

  it('waits for each of the data services', async () => {
    const held = heldIn(await plansBetween(before, merged()))
    expect(held.filter((line) => line.includes('would start EMPTY'))).toEqual([
      expect.stringContaining('mysql would start EMPTY; its data stays in b_data on node-3'),
      expect.stringContaining('postgres would start EMPTY; its data stays in a_data on node-3'),
    ])
  })

  it('with `moved` nothing restarts, where the volumes keep their names', async () => {
    const keeper = moved('{services: {postgres: a/postgres, mysql: b/mysql}}')
    const files = merged(keeper)
    const text = String(files['apps/ab/ab.yaml']).replace('rows: {}', 'rows: {name: b_data}')
    const plans = await plansBetween(before, { ...files, 'apps/ab/ab.yaml': text })
    expect(heldIn(plans)).toEqual([])
    expect(doneIn(plans).filter((line) => !line.includes(': move '))).toEqual([])
  })
})

it('every place that would be left behind is named', async () => {
  const text = compose(POSTGRES.replace('["data:', '["logs:/var/log/postgresql", "data:'))
  const both = `${text}volumes: {data: {}, logs: {}}\n`
  const before = { ...PLATFORM, 'apps/platform/platform.yaml': both }
  const after = { ...PLATFORM, 'apps/platform/stack.yaml': stack('platform').replace('name: platform', 'name: core') }
  const held = heldIn(await plansBetween(before, { ...after, 'apps/platform/platform.yaml': both }))
  expect(held.join('\n')).toContain('stays in platform_data on node-3 and platform_logs on node-3. ')
})

describe('no hazard', () => {
  it('is what is only new', async () => {
    const after = { ...PLATFORM, ...split(), 'apps/platform/platform.yaml': compose(WEB, POSTGRES) + VOLUMES }
    const plans = await plansBetween(PLATFORM, after)
    expect(heldIn(plans)).toEqual([])
    expect(doneIn(plans)).toEqual(['db: create Network/db_default', 'db: create Service/db_postgres'])
  })

  it('is what goes, while another program comes', async () => {
    const after = {
      ...PLATFORM,
      'apps/platform/platform.yaml': `${compose(WEB, '  cache: {image: "redis:7", volumes: ["c:/data"]}\n')}volumes: {c: {}}\n`,
    }
    const plans = await plansBetween(PLATFORM, after)
    expect(heldIn(plans)).toEqual([])
    expect(doneIn(plans)).toEqual([
      'platform: create Service/platform_cache',
      'platform: prune Service/platform_postgres',
    ])
  })

  it('is a path that holds no data: a read-only mount, or a socket', async () => {
    const agent = (name: string): string =>
      `  ${name}: {image: "agent:1", volumes: ["/var/run/docker.sock:/var/run/docker.sock"]}\n`
    const of = (name: string): MemoryFiles => ({ ...PLATFORM, 'apps/platform/platform.yaml': compose(agent(name)) })
    expect(heldIn(await plansBetween(of('old'), of('new')))).toEqual([])
  })
})

describe('documents that are no stacks', () => {
  const service = (name: string, volume: string, keeper = ''): string =>
    `kind: Service\nname: ${name}\nimage: postgres:16\nmounts: ["${volume}:/var/lib/postgresql/data"]\n${keeper}`

  it('wait the same way, and say what to write in them', async () => {
    const plans = await plansBetween(
      { 'apps/a/pg.yaml': service('pg', 'rows') },
      { 'apps/b/pg.yaml': service('db', 'other') },
    )
    expect(heldIn(plans)).toContain(
      'b: data Service/db: db would start EMPTY; its data stays in rows on node-3. Mount rows in it, or ' +
        '`keeper: {moved: {from: pg}}` says that it begins anew',
    )
    expect(doneIn(plans)).toEqual([])
  })
})
