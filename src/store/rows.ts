import type { Database } from 'better-sqlite3'
import type { AppState } from '../model/app-state.ts'
import { InternalError } from '../model/error.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import type { FleetState, HistoryEntry, Intent, Store } from '../model/store.ts'
import { BLANK_FLEET, blankApp } from './blank.ts'
import { decode, encode, encodeSpec } from './encode.ts'
import { readable } from './quarantine.ts'
import { shelvesOn } from './shelves.ts'

type Json = { readonly json: string }

/** The store's methods over an open database of the newest version. */
export function storeOn(database: Database): Omit<Store, 'close'> {
  return {
    ...recordOn(database),
    ...appsOn(database),
    ...fleetOn(database),
    ...intentsOn(database),
    ...historyOn(database),
    shelf: shelvesOn(database),
    // Nested calls become savepoints: they join the outer transaction.
    transaction: (body) => database.transaction(body).immediate(),
  }
}

function recordOn(database: Database): Pick<Store, 'record' | 'putRecorded' | 'forget'> {
  const all = database.prepare<[], Json>(`SELECT json FROM record WHERE ${readable('record')} ORDER BY seq`)
  // An upsert keeps `seq`: the order is that of becoming ours.
  const put = database.prepare<[string, string, string]>(
    `INSERT INTO record (id, app, json) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET app = excluded.app, json = excluded.json`,
  )
  const forget = database.prepare<[string]>('DELETE FROM record WHERE id = ?')
  const putAll = database.transaction((recorded: readonly Recorded[]) => {
    for (const one of recorded) put.run(one.id, one.app, encodeSpec(one))
  })
  const forgetAll = database.transaction((ids: readonly string[]) => {
    for (const id of ids) forget.run(id)
  })
  return {
    record: () => all.all().map(({ json }) => decode<Recorded>(json)),
    putRecorded: (recorded) => putAll.immediate(recorded),
    forget: (ids) => forgetAll.immediate(ids),
  }
}

type Apps = Pick<Store, 'apps' | 'app' | 'putApp' | 'dropApp' | 'lastGood' | 'setLastGood'>

function appsOn(database: Database): Apps {
  const all = database.prepare<[], Json>(`SELECT json FROM app WHERE ${readable('app')} ORDER BY app`)
  const one = database.prepare<[string], Json>(`SELECT json FROM app WHERE app = ? AND ${readable('app')}`)
  const put = database.prepare<[string, string]>(
    'INSERT INTO app (app, json) VALUES (?, ?) ON CONFLICT (app) DO UPDATE SET json = excluded.json',
  )
  const good = database.prepare<[string], Json>(`SELECT json FROM last_good WHERE app = ? AND ${readable('last_good')}`)
  const putGood = database.prepare<[string, string]>(
    'INSERT INTO last_good (app, json) VALUES (?, ?) ON CONFLICT (app) DO UPDATE SET json = excluded.json',
  )
  const drop = database.transaction((name: string) => {
    database.prepare('DELETE FROM app WHERE app = ?').run(name)
    database.prepare('DELETE FROM last_good WHERE app = ?').run(name)
  })
  return {
    apps: () => all.all().map(({ json }) => decode<AppState>(json)),
    app: (name) => {
      const row = one.get(name)
      return row ? decode<AppState>(row.json) : blankApp(name)
    },
    putApp: (state) => void put.run(state.app, encode(state)),
    dropApp: (name) => drop.immediate(name),
    lastGood: (app) => decode<readonly Wanted[]>(good.get(app)?.json ?? '[]'),
    setLastGood: (app, resources) => void putGood.run(app, encodeSpec(resources)),
  }
}

function fleetOn(database: Database): Pick<Store, 'fleet' | 'putFleet'> {
  const one = database.prepare<[], Json>(`SELECT json FROM fleet WHERE ${readable('fleet')}`)
  const put = database.prepare<[string]>(
    'INSERT INTO fleet (one, json) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET json = excluded.json',
  )
  return {
    fleet: () => {
      const row = one.get()
      return row ? decode<FleetState>(row.json) : BLANK_FLEET
    },
    putFleet: (state) => void put.run(encode(state)),
  }
}

type WithSeq = Json & { readonly seq: number }

function intentsOn(database: Database): Pick<Store, 'openIntents' | 'addIntent' | 'markIntent'> {
  const open = database.prepare<[], WithSeq>(
    `SELECT seq, json FROM intent WHERE closed = 0 AND ${readable('intent')} ORDER BY seq`,
  )
  const one = database.prepare<[number], WithSeq>(`SELECT seq, json FROM intent WHERE seq = ?`)
  const add = database.prepare<[string, string]>('INSERT INTO intent (app, closed, json) VALUES (?, 0, ?)')
  const set = database.prepare<[number, string, number]>('UPDATE intent SET closed = ?, json = ? WHERE seq = ?')
  return {
    openIntents: () => open.all().map(({ seq, json }) => ({ ...decode<Omit<Intent, 'seq'>>(json), seq })),
    addIntent: (intent) => Number(add.run(intent.app, encode(intent)).lastInsertRowid),
    markIntent: (seq, step, note, closedAt) => {
      const row = one.get(seq)
      if (!row) throw new InternalError(`no intent ${seq} in the journal`)
      const before = decode<Omit<Intent, 'seq'>>(row.json)
      const marked = { ...before, step, note, ...(closedAt !== undefined && { closedAt }) }
      set.run(marked.closedAt === undefined ? 0 : 1, encode(marked), seq)
    },
  }
}

function historyOn(database: Database): Pick<Store, 'addHistory' | 'history' | 'dropHistory'> {
  const add = database.prepare<[string, string]>('INSERT INTO history (app, json) VALUES (?, ?)')
  const drop = database.prepare<[string]>(`DELETE FROM history WHERE ${readable('history')} AND json ->> '$.at' < ?`)
  const all = database.prepare<[number], WithSeq>(
    `SELECT seq, json FROM history WHERE ${readable('history')} ORDER BY seq DESC LIMIT ?`,
  )
  const ofApp = database.prepare<[string, number], WithSeq>(
    `SELECT seq, json FROM history WHERE app = ? AND ${readable('history')} ORDER BY seq DESC LIMIT ?`,
  )
  return {
    addHistory: (entry) => void add.run(entry.app, encode(entry)),
    dropHistory: (before) => drop.run(before).changes,
    history: ({ app, limit }) =>
      (app === undefined ? all.all(limit) : ofApp.all(app, limit)).map(({ seq, json }) => ({
        ...decode<Omit<HistoryEntry, 'seq'>>(json),
        seq,
      })),
  }
}
