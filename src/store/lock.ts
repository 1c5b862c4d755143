import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { pid } from 'node:process'
import Sqlite, { type Database } from 'better-sqlite3'
import type { Clock, WithSignal } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import { openDatabase } from './open-database.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  /** ISO time. */
  readonly since: string
}

export interface LockOptions extends WithSignal {
  /** Of the database. */
  readonly path: string
  readonly clock: Clock
  readonly waitMs: number
  /** Called once when there is something to wait for. */
  readonly onWait?: (message: string) => void
}

const POLL_MS = 100

/**
 * The right to write to a database, for one process at a time. It is an exclusive transaction on an empty SQLite file
 * beside it: the operating system drops the lock with the process, however that ends, so nothing is ever stuck, and
 * nothing needs to guess whether a pid still lives. Nobody but SQLite may open that file: closing any descriptor of it
 * would drop the lock of the whole process (fcntl). Who holds it therefore stands in a file of its own.
 */
export async function takeLock(options: LockOptions): Promise<{ release(): void }> {
  const { path, clock, waitMs, signal } = options
  const deadline = clock.monotonic() + waitMs
  const database = openDatabase(`${path}.lock`, { timeout: 0 })
  try {
    for (let first = true; !tryLock(database); first = false) {
      if (clock.monotonic() >= deadline) throw lockedError(path, waitMs)
      if (first) options.onWait?.(`${whoHolds(path)}; waiting for it up to ${waitMs / 1000} s`)
      await clock.sleep(Math.min(POLL_MS, Math.max(deadline - clock.monotonic(), 0)), signal ? { signal } : {})
    }
    return heldBy(database, path, clock)
  } catch (error) {
    database.close()
    throw error
  }
}

function tryLock(database: Database): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (isBusy(error)) return false
    throw error
  }
}

function heldBy(database: Database, path: string, clock: Clock): { release(): void } {
  const holder: Holder = { pid, host: hostname(), since: clock.now().toISOString() }
  writeFileSync(`${path}.holder`, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  return {
    release: () => {
      if (!database.open) return
      rmSync(`${path}.holder`, { force: true })
      database.close()
    },
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && (error.code.startsWith('SQLITE_BUSY') || error.code === 'SQLITE_LOCKED')
}

/** Undefined where nobody said so; stale where nobody holds the lock: ask only when it is held. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(`${path}.holder`, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

function whoHolds(path: string): string {
  const holder = readHolder(path)
  const who = holder ? `process ${holder.pid} on ${holder.host} since ${holder.since}` : 'another process'
  return `${path} is held by ${who}`
}

function lockedError(path: string, waitMs: number): ReconcileError {
  const waited = waitMs > 0 ? `, and still was after ${waitMs / 1000} s` : ''
  return new ReconcileError('StoreLocked', {
    message: `${whoHolds(path)}${waited}`,
    retryable: true,
  })
}
