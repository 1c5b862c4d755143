import type { Database } from 'better-sqlite3'
import type { Kept, Shelf, ShelfName } from '../model/shelf.ts'
import { decode, encode } from './encode.ts'
import { readable } from './quarantine.ts'

interface Row {
  readonly key: string
  readonly at: string
  readonly json: string
}

const kept = <T>({ key, at, json }: Row): Kept<T> => ({ key, at, value: decode<T>(json) })

/** All shelves stand in one table, apart by their name. */
export function shelvesOn(database: Database): <T>(name: ShelfName) => Shelf<T> {
  const good = `shelf = ? AND ${readable('shelf')}`
  const one = database.prepare<[string, string], Row>(`SELECT key, at, json FROM shelf WHERE ${good} AND key = ?`)
  const all = database.prepare<[string], Row>(`SELECT key, at, json FROM shelf WHERE ${good} ORDER BY seq`)
  const newest = database.prepare<[string, number], Row>(
    `SELECT key, at, json FROM shelf WHERE ${good} ORDER BY seq DESC LIMIT ?`,
  )
  const count = database.prepare<[string], { n: number }>(`SELECT count(*) AS n FROM shelf WHERE ${good}`)
  // An upsert keeps `seq`, and with it the place.
  const put = database.prepare<[string, string, string, string]>(
    `INSERT INTO shelf (shelf, key, at, json) VALUES (?, ?, ?, ?)
     ON CONFLICT (shelf, key) DO UPDATE SET json = excluded.json`,
  )
  const drop = database.prepare<[string, string]>('DELETE FROM shelf WHERE shelf = ? AND key = ?')
  const dropBefore = database.prepare<[string, string]>('DELETE FROM shelf WHERE shelf = ? AND at < ?')
  return <T>(name: ShelfName): Shelf<T> => ({
    get: (key) => {
      const row = one.get(name, key)
      return row && decode<T>(row.json)
    },
    put: (key, value, at) => void put.run(name, key, at, encode(value)),
    drop: (key) => void drop.run(name, key),
    all: () => all.all(name).map(kept<T>),
    newest: (limit) => newest.all(name, limit).map(kept<T>),
    count: () => count.get(name)?.n ?? 0,
    dropBefore: (at) => dropBefore.run(name, at).changes,
  })
}
