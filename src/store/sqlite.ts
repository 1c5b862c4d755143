import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import type { Clock, WithSignal } from '../model/clock.ts'
import { InternalError, messageOf, ReconcileError } from '../model/error.ts'
import type { Store } from '../model/store.ts'
import { takeLock } from './lock.ts'
import { createMemoryStore } from './memory.ts'
import { isOld, isTooNew, migrate } from './migrations.ts'
import { openDatabase } from './open-database.ts'
import { type Quarantined, quarantined, quarantineRows } from './quarantine.ts'
import { storeOn } from './rows.ts'

export interface SqliteStoreOptions extends WithSignal {
  readonly path: string
  readonly clock: Clock
  /** How long to wait for another process that writes to it. Default 30 s; 0 refuses at once. */
  readonly lockWaitMs?: number
  /** What an operator should read: a lock waited for, rows put aside. */
  readonly warn?: (message: string) => void
}

export interface SqliteStore extends Store {
  /** Rows of any start that could not be read. */
  quarantined(): readonly Quarantined[]
}

/** Closed intents are of use only to a person who looks back. */
const CLOSED_INTENTS_KEPT = 10_000
const BUSY_TIMEOUT_MS = 5_000

/**
 * Opens a database for writing, alone. Errors: `StoreLocked` (another process writes to it), `StoreTooNew`,
 * `InvalidSettings` (cannot be created, or belongs to another program), `RecordDisagrees` (damaged).
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { path, clock, lockWaitMs = 30_000, signal, warn = () => {} } = options
  createPrivately(path)
  const lock = await takeLock({ path, clock, waitMs: lockWaitMs, onWait: warn, ...(signal && { signal }) })
  try {
    const database = explained(path, () => openForWriting(path))
    const store = explained(path, () => storeOn(database))
    for (const row of quarantineRows(database, { ...store, close: () => {} }, clock.now().toISOString())) {
      warn(`${path}: ${row.origin} ${row.key} could not be read and was put aside`)
    }
    return { ...store, quarantined: () => quarantined(database), close: () => closeAll(database, lock) }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** For `status` and `history`, beside a process that writes, and for a database of a newer version. Writing throws. */
export function openReadOnly(path: string): Store {
  if (!existsSync(path))
    return withoutWriting(createMemoryStore(), () => new InternalError(`${path} does not exist yet`))
  return explained(path, () => {
    const database = openForReading(path)
    const refuse = isTooNew(database)
      ? () =>
          new ReconcileError('StoreTooNew', { message: `${path} was written by a newer swarmkeeper: it is only read` })
      : () => new InternalError(`${path} was opened for reading`)
    return withoutWriting({ ...storeOn(database), close: () => void database.close() }, refuse)
  })
}

function openForWriting(path: string): Database {
  const database = openDatabase(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    migrate(database)
    database
      .prepare('DELETE FROM intent WHERE closed = 1 AND seq <= (SELECT max(seq) FROM intent) - ?')
      .run(CLOSED_INTENTS_KEPT)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** One that an older version wrote is brought up to date in memory: the file belongs to the process that writes. */
function openForReading(path: string): Database {
  const database = openDatabase(path, { readonly: true, timeout: BUSY_TIMEOUT_MS })
  if (!isOld(database)) return database
  const bytes = database.serialize()
  database.close()
  // Bytes 18 and 19 of the file say WAL, which a database in memory cannot have (sqlite.org/fileformat2, 1.3.1).
  const copy = openDatabase(bytes.fill(1, 18, 20))
  migrate(copy)
  return copy
}

/** Last the lock: who gets it next must find everything written. */
function closeAll(database: Database, lock: { release(): void }): void {
  if (!database.open) return
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
  lock.release()
}

/** Directory 0700, files 0600; SQLite gives its own files beside it the same mode. */
function createPrivately(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    for (const file of [path, `${path}.lock`]) makePrivate(file)
  } catch (error) {
    throw new ReconcileError('InvalidSettings', {
      message: `the database ${path} cannot be created or written: ${messageOf(error)}`,
      todo: 'set `database` in the settings to a path that swarmkeeper may write to',
      cause: error,
    })
  }
}

/** Never opens a file that exists: closing it again would drop the locks that this process has on it (fcntl). */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    chmodSync(file, 0o600)
  }
}

const WRITES = [
  'putRecorded',
  'forget',
  'putApp',
  'dropApp',
  'setLastGood',
  'putFleet',
  'addIntent',
  'markIntent',
  'addHistory',
  'dropHistory',
] as const satisfies readonly (keyof Store)[]

function withoutWriting(store: Store, refusal: () => Error): Store {
  const refuse = (): never => {
    throw refusal()
  }
  const refusing = Object.fromEntries(WRITES.map((name) => [name, refuse]))
  const shelf: Store['shelf'] = (name) => ({
    ...store.shelf<never>(name),
    put: refuse,
    drop: refuse,
    dropBefore: refuse,
  })
  return { ...store, ...refusing, shelf, transaction: (body) => body() }
}

function explained<T>(path: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error
    const damaged = error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT')
    throw new ReconcileError(damaged ? 'RecordDisagrees' : 'InvalidSettings', {
      message: `the database ${path} cannot be opened: ${error.message} (${error.code})`,
      todo: damaged
        ? 'move it away and run `swarmkeeper rebuild`: the targets remember what is ours'
        : 'check the path, its permissions and the free space of its disk',
      cause: error,
    })
  }
}
