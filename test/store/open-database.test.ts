import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { queryObjects } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/store/open-database.ts'

/** How many live after a full collection: `queryObjects` makes one before it counts. */
const living = (type: object): number => queryObjects(type as () => void, { format: 'count' })

const Statement = openDatabase(':memory:').prepare('SELECT 1').constructor

/** Opens a database in a frame that is gone afterwards, so that only what keeps it on purpose does. */
function use(body: (database: ReturnType<typeof openDatabase>) => void): void {
  const database = openDatabase(':memory:')
  body(database)
  database.close()
}

describe('an open database', () => {
  it('is opened in no other way, by tests neither', () => {
    const root = resolve(import.meta.dirname, '../..')
    const files = ['src', 'test'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    const opens = (file: string) => /new Sqlite\(/.test(readFileSync(join(root, file), 'utf8'))
    const code = files.filter((file) => file.endsWith('.ts') && !file.endsWith('open-database.test.ts'))
    expect(code.filter(opens)).toEqual(['src/store/open-database.ts'])
  })

  it.each([
    ['a query', 1, (database) => void database.prepare('SELECT 1').get()],
    ['a read pragma', 1, (database) => void database.pragma('user_version', { simple: true })],
    ['a written pragma', 1, (database) => void database.pragma('user_version = 1')],
    // six ways to begin and to end, four of which begin
    ['a transaction', 9, (database) => database.transaction(() => {}).immediate()],
  ] satisfies [string, number, Parameters<typeof use>[0]][])(
    'keeps the statements of %s from the garbage collector, closed and forgotten as it is',
    (_, count, body) => {
      const before = living(Statement)
      use(body)
      expect(living(Statement) - before).toBe(count)
    },
  )

  it('prepares the same SQL once, however often it is asked for', () => {
    const before = living(Statement)
    use((database) => {
      for (let time = 0; time < 100; time += 1) database.prepare('SELECT 1').get()
    })
    expect(living(Statement) - before).toBe(1)
  })

  it('reads, writes and lists pragmas as better-sqlite3 does', () => {
    const database = openDatabase(':memory:')
    expect(database.pragma('user_version', { simple: true })).toBe(0)
    database.pragma('user_version = 7')
    expect(database.pragma('user_version')).toEqual([{ user_version: 7 }])
    database.pragma('foreign_keys = ON')
    database.pragma('foreign_keys = OFF')
    database.pragma('foreign_keys = ON')
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1)
    database.close()
  })
})
