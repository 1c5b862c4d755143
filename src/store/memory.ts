import { InternalError } from '../model/error.ts'
import type { FleetState, HistoryEntry, Intent, Store } from '../model/store.ts'
import { BLANK_FLEET, blankApp } from './blank.ts'
import { decode, encode, encodeSpec } from './encode.ts'
import { memoryShelves } from './memory-shelves.ts'

interface Rows {
  readonly record: Map<string, string>
  readonly apps: Map<string, string>
  readonly lastGood: Map<string, string>
  readonly fleet: Map<'fleet', string>
  readonly intents: Map<number, string>
  readonly history: Map<number, string>
  /** `shelf key` -> [at, value]. */
  readonly shelves: Map<string, string>
}

/** A store that forgets everything with the process. Rows are JSON text, so that it keeps exactly what a database would. */
export function createMemoryStore(): Store {
  const rows: Rows = {
    record: new Map(),
    apps: new Map(),
    lastGood: new Map(),
    fleet: new Map(),
    intents: new Map(),
    history: new Map(),
    shelves: new Map(),
  }
  const parts = { ...recordOf(rows), ...statesOf(rows), ...journalOf(rows), shelf: memoryShelves(rows.shelves) }
  return { ...parts, transaction: allOrNothing(rows), close: () => {} }
}

function recordOf({ record }: Rows): Pick<Store, 'record' | 'putRecorded' | 'forget'> {
  return {
    record: () => [...record.values()].map(decode<ReturnType<Store['record']>[number]>),
    putRecorded: (recorded) => {
      const encoded = recorded.map((one) => [one.id, encodeSpec(one)] as const)
      for (const [id, json] of encoded) record.set(id, json)
    },
    forget: (ids) => {
      for (const id of ids) record.delete(id)
    },
  }
}

type States = Pick<Store, 'apps' | 'app' | 'putApp' | 'dropApp' | 'lastGood' | 'setLastGood' | 'fleet' | 'putFleet'>

function statesOf({ apps, lastGood, fleet }: Rows): States {
  return {
    apps: () => [...apps.keys()].sort().map((name) => decode(apps.get(name) ?? '')),
    app: (name) => {
      const json = apps.get(name)
      return json === undefined ? blankApp(name) : decode(json)
    },
    putApp: (state) => {
      apps.set(state.app, encode(state))
    },
    dropApp: (name) => {
      apps.delete(name)
      lastGood.delete(name)
    },
    lastGood: (app) => decode(lastGood.get(app) ?? '[]'),
    setLastGood: (app, resources) => {
      lastGood.set(app, encodeSpec(resources))
    },
    fleet: () => {
      const json = fleet.get('fleet')
      return json === undefined ? BLANK_FLEET : decode<FleetState>(json)
    },
    putFleet: (state) => {
      fleet.set('fleet', encode(state))
    },
  }
}

type Journal = Pick<Store, 'openIntents' | 'addIntent' | 'markIntent' | 'addHistory' | 'history' | 'dropHistory'>

function journalOf({ intents, history }: Rows): Journal {
  let seq = 0
  return {
    openIntents: () => [...intents.values()].map(decode<Intent>).filter(({ closedAt }) => closedAt === undefined),
    addIntent: (intent) => {
      intents.set(++seq, encode({ ...intent, seq }))
      return seq
    },
    markIntent: (number, step, note, closedAt) => {
      const json = intents.get(number)
      if (json === undefined) throw new InternalError(`no intent ${number} in the journal`)
      intents.set(number, encode({ ...decode<Intent>(json), step, note, ...(closedAt !== undefined && { closedAt }) }))
    },
    addHistory: (entry) => {
      history.set(++seq, encode({ ...entry, seq }))
    },
    dropHistory: (before) => dropFrom(history, (json) => decode<HistoryEntry>(json).at < before),
    history: ({ app, limit }) =>
      [...history.values()]
        .map(decode<HistoryEntry>)
        .filter((entry) => app === undefined || entry.app === app)
        .reverse()
        .slice(0, limit),
  }
}

function dropFrom<K, V>(rows: Map<K, V>, isOver: (row: V) => boolean): number {
  const over = [...rows].filter(([, row]) => isOver(row))
  for (const [key] of over) rows.delete(key)
  return over.length
}

/** Nested calls take their own copy: an inner failure that the outer call catches undoes the inner writes alone. */
function allOrNothing(rows: Rows): Store['transaction'] {
  const tables = Object.values(rows) as Map<unknown, string>[]
  return (body) => {
    const before = tables.map((table) => new Map(table))
    try {
      const result = body()
      if (result instanceof Promise) throw new InternalError('the body of a transaction must not be asynchronous')
      return result
    } catch (error) {
      tables.forEach((table, index) => {
        table.clear()
        for (const [key, json] of before[index] ?? []) table.set(key, json)
      })
      throw error
    }
  }
}
