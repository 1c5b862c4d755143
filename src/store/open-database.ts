import Sqlite, { type Database, type Options } from 'better-sqlite3'

/**
 * Every database that this process opened, closed ones too: better-sqlite3 12 on Node 24 aborts the process when a
 * `Database` is garbage collected outside of any context (`RemoveEnvironmentCleanupHook`, env is null). A process opens a
 * handful.
 */
const opened = new Set<Database>()

export function openDatabase(file: string | Buffer, options: Options = {}): Database {
  const database = new Sqlite(file, options)
  opened.add(database)
  return database
}
