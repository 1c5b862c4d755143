import type { Database } from 'better-sqlite3'
import type { Store } from '../model/store.ts'

export type TableName = 'record' | 'app' | 'last_good' | 'fleet' | 'intent' | 'history' | 'shelf'

/** A row that could not be understood, kept for a person. */
export interface Quarantined {
  readonly origin: TableName
  readonly key: string
  /** Null for what is not of one app. */
  readonly app: string | null
  /** ISO time. */
  readonly at: string
}

interface Shape {
  readonly key: string
  /** What every reader relies on: JSON path -> type as SQLite names it. */
  readonly fields: Readonly<Record<string, string>>
}

const SHAPES: Readonly<Record<TableName, Shape>> = {
  record: {
    key: 'id',
    fields: { id: 'text', kind: 'text', app: 'text', digest: 'text', state: 'text', handling: 'object' },
  },
  app: { key: 'app', fields: { app: 'text', failures: 'integer', restarts: 'object' } },
  last_good: { key: 'app', fields: {} },
  fleet: { key: 'one', fields: { targets: 'object', confirmed: 'array', drift: 'object' } },
  intent: { key: 'seq', fields: { app: 'text', id: 'text', step: 'text', note: 'object' } },
  history: { key: 'seq', fields: { app: 'text', at: 'text', what: 'text' } },
  shelf: { key: "shelf || ' ' || key", fields: {} },
}

const WHOLE: Readonly<Partial<Record<TableName, string>>> = {
  last_good: `json_type(json) = 'array'`,
  shelf: 'json_type(json) IS NOT NULL',
}

/**
 * SQL that holds for rows which can be read. Every query asks it, so that one poisoned row never stops the rest (SEC-22).
 * `CASE`, because `AND` may look into the JSON before it is known to be JSON.
 */
export function readable(table: TableName): string {
  const fields = Object.entries(SHAPES[table].fields).map(([path, type]) => `json_type(json, '$.${path}') = '${type}'`)
  const whole = WHOLE[table] ?? `json_type(json) = 'object'`
  return `(CASE WHEN json_valid(json) THEN coalesce(${[whole, ...fields].join(' AND ')}, 0) ELSE 0 END)`
}

export function quarantined(database: Database): readonly Quarantined[] {
  return database.prepare<[], Quarantined>('SELECT origin, key, app, at FROM quarantine ORDER BY seq').all()
}

/**
 * Moves what cannot be read aside. What such a row knew (a hold, a pin, what is ours) is lost until a person looks, so
 * its app is suspended until then, and the fleet frozen if the row was the fleet's.
 */
export function quarantineRows(database: Database, store: Store, at: string): readonly Quarantined[] {
  return store.transaction(() => {
    const moved = (Object.keys(SHAPES) as TableName[]).flatMap((table) => moveRows(database, table, at))
    for (const row of moved) holdBack(row, store)
    return moved
  })
}

function moveRows(database: Database, origin: TableName, at: string): readonly Quarantined[] {
  const where = `WHERE NOT ${readable(origin)}`
  const app = origin === 'fleet' || origin === 'shelf' ? 'NULL' : 'app'
  const moved = database
    .prepare<[TableName, string], Quarantined>(
      `INSERT INTO quarantine (origin, key, app, at, json)
       SELECT ?, CAST(${SHAPES[origin].key} AS TEXT), ${app}, ?, json FROM ${origin} ${where}
       RETURNING origin, key, app, at`,
    )
    .all(origin, at)
  if (moved.length > 0) database.prepare(`DELETE FROM ${origin} ${where}`).run()
  return moved
}

function holdBack({ origin, key, app, at }: Quarantined, store: Store): void {
  if (origin === 'history' || origin === 'shelf') return
  const reason = `its stored ${origin.replace('_', ' ')} (${key}) could not be read and was put aside`
  const by = 'swarmkeeper'
  if (app === null) {
    store.putFleet({ ...store.fleet(), frozen: { reason: `the fleet: ${reason}`, by, at } })
    return
  }
  const state = store.app(app)
  const suspension = { until: '9999-12-31T00:00:00.000Z', reason, by, since: at }
  if (state.suspension?.by !== by) store.putApp({ ...state, suspension })
}
