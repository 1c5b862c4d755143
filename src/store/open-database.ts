import Sqlite, { type Database, type Statement } from 'better-sqlite3'

/**
 * The garbage collector must get nothing of better-sqlite3 12. Each of its objects (database, statement) is a
 * `node::ObjectWrap`, whose destructor asks since Node 24.19 for the environment of the current context; a collection has
 * none, and Node aborts (`RemoveEnvironmentCleanupHook`, env is null). What the end of the process destroys is safe. So
 * a process keeps every database that it opened, and a database every statement: with `iterate` and `backup`, which
 * make objects of their own, it would not hold. Version 13 is free of it, and needs Node 22.
 */
const opened = new Set<Database>()

/**
 * A database that prepares the same SQL once, whose statement all callers of that SQL share: they set `pluck` and its like
 * in one way.
 */
export function openDatabase(file: string | Buffer, options: Sqlite.Options = {}): Database {
  const database = new Sqlite(file, options)
  opened.add(database)
  const prepare = database.prepare.bind(database) as (sql: string) => Statement<unknown[]>
  database.prepare = once(prepare) as Database['prepare']
  database.pragma = pragmaWith(prepare)
  return database
}

function once(prepare: (sql: string) => Statement<unknown[]>): (sql: string) => Statement<unknown[]> {
  const prepared = new Map<string, Statement<unknown[]>>()
  return (sql) => {
    const statement = prepared.get(sql) ?? prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
}

/** Each call prepares anew: some pragmas take effect while they are prepared (sqlite.org/pragma.html). They are few. */
function pragmaWith(prepare: (sql: string) => Statement<unknown[]>): Database['pragma'] {
  const prepared: Statement<unknown[]>[] = []
  return (source, { simple = false } = {}) => {
    const statement = prepare(`PRAGMA ${source}`)
    prepared.push(statement)
    if (!statement.reader) return void statement.run()
    return simple ? statement.pluck().get() : statement.all()
  }
}
