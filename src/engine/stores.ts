import { hostname } from 'node:os'
import type { Clock } from '../model/clock.ts'
import type { Store } from '../model/store.ts'
import type { Settings } from '../settings/settings.ts'
import { onceRead } from '../store/once-read.ts'
import { createSqliteStore, openReadOnly } from '../store/sqlite.ts'

/** The database, opened for writing when something is first to be written, and alone; for reading beside a writer. */
export interface Stores {
  reading<T>(body: (store: Store) => Promise<T>): Promise<T>
  writing(signal: AbortSignal): Promise<Store>
  close(): void
}

export function createStores(
  settings: Pick<Settings, 'database' | 'lockWaitMs'>,
  options: { readonly clock: Clock; readonly warn: (message: string) => void },
): Stores {
  let open: Store | undefined
  return {
    reading: async (body) => {
      if (open) return body(open)
      const store = openReadOnly(settings.database)
      try {
        return await body(onceRead(store))
      } finally {
        store.close()
      }
    },
    writing: async (signal) => {
      open ??= await createSqliteStore({ path: settings.database, lockWaitMs: settings.lockWaitMs, signal, ...options })
      return open
    },
    close: () => {
      open?.close()
      open = undefined
    },
  }
}

/** Names this database on this machine; kept in it, so that it survives the process (rule 23). */
export function holderOf(store: Store, database: string, newId: () => string): string {
  const fleet = store.fleet()
  const writer = fleet.writer ?? newId()
  if (fleet.writer === undefined) store.putFleet({ ...fleet, writer })
  return `swarmkeeper on ${hostname()}, ${database}, ${writer}`
}
