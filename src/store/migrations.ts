import type { Database } from 'better-sqlite3'
import { ReconcileError } from '../model/error.ts'

export interface Migration {
  /** From 1, without gaps; kept in SQLite's `user_version`. */
  readonly number: number
  readonly sql: string
}

/** Only ever appended to: a released migration is never edited. */
export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    // A table per concept; what is searched for is a column, the rest is JSON. `seq` keeps the order of first writing.
    sql: `
      CREATE TABLE record (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, app TEXT NOT NULL, json TEXT NOT NULL) STRICT;
      CREATE TABLE app (app TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
      CREATE TABLE last_good (app TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
      CREATE TABLE fleet (one INTEGER PRIMARY KEY CHECK (one = 1), json TEXT NOT NULL) STRICT;
      CREATE TABLE intent (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, app TEXT NOT NULL, closed INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
      CREATE INDEX intent_open ON intent (seq) WHERE closed = 0;
      CREATE TABLE history (seq INTEGER PRIMARY KEY AUTOINCREMENT, app TEXT NOT NULL, json TEXT NOT NULL) STRICT;
      CREATE INDEX history_app ON history (app, seq);`,
  },
  {
    number: 2,
    sql: `
      CREATE TABLE quarantine (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL, key TEXT NOT NULL, app TEXT, at TEXT NOT NULL,
        json TEXT NOT NULL) STRICT;`,
  },
  {
    number: 3,
    // What the daemon keeps beside the engine's state, a shelf each: see model/shelf.ts for their names.
    sql: `
      CREATE TABLE shelf (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, shelf TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL,
        json TEXT NOT NULL, UNIQUE (shelf, key)) STRICT;`,
  },
]

const newest = (migrations: readonly Migration[]): number => migrations.at(-1)?.number ?? 0

export function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}

export function isTooNew(database: Database): boolean {
  return versionOf(database) > newest(MIGRATIONS)
}

export function isOld(database: Database): boolean {
  return versionOf(database) < newest(MIGRATIONS)
}

/**
 * Brings a database to the newest version in one transaction: killed on the way, it is as it was. One that a newer
 * swarmkeeper wrote is refused (`StoreTooNew`): what it means is not known here (reliability.md 5).
 */
export function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): void {
  const run = database.transaction(() => {
    const version = versionOf(database)
    if (version > newest(migrations)) throw tooNew(database.name, version, newest(migrations))
    if (version === 0) refuseStrangers(database)
    for (const migration of migrations.filter(({ number }) => number > version)) database.exec(migration.sql)
    if (version < newest(migrations)) database.pragma(`user_version = ${newest(migrations)}`)
  })
  run.immediate()
}

function tooNew(path: string, version: number, known: number): ReconcileError {
  return new ReconcileError('StoreTooNew', {
    message: `${path} is of version ${version}; this swarmkeeper writes up to version ${known}`,
    todo: 'run the newer swarmkeeper that wrote it; `status` and `history` of this one still read it',
  })
}

function refuseStrangers(database: Database): void {
  const found = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' LIMIT 1").pluck().get()
  if (found === undefined) return
  throw new ReconcileError('InvalidSettings', {
    message: `${database.name} is a database of another program: it holds a table ${String(found)}`,
    todo: 'set the database path of swarmkeeper to a file of its own',
  })
}
