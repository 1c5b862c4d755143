import type { AppState } from '../../src/model/app-state.ts'
import { InternalError } from '../../src/model/error.ts'
import type { ResourceId } from '../../src/model/id.ts'
import type { Recorded, Wanted } from '../../src/model/resource.ts'
import type { FleetState, HistoryEntry, Intent, Store } from '../../src/model/store.ts'
import { BLANK_FLEET, blankApp } from '../../src/store/blank.ts'
import { memoryShelves } from '../../src/store/memory-shelves.ts'

interface Tables {
  readonly record: Map<ResourceId, Recorded>
  readonly apps: Map<string, AppState>
  readonly lastGood: Map<string, readonly Wanted[]>
  readonly fleet: Map<'fleet', FleetState>
  readonly intents: Map<number, Intent>
  readonly history: Map<number, HistoryEntry>
  readonly shelves: Map<string, string>
}

/**
 * A store for thousands of cases: it keeps the values themselves, which nobody changes, and not their text. The engine
 * sees no difference: it passes the conformance suite of stores, but for what only text can do (refuse secrets).
 */
export function createQuickStore(): Store {
  const tables: Tables = {
    record: new Map(),
    apps: new Map(),
    lastGood: new Map(),
    fleet: new Map(),
    intents: new Map(),
    history: new Map(),
    shelves: new Map(),
  }
  const parts = { ...statesOf(tables), ...journalOf(tables), shelf: memoryShelves(tables.shelves) }
  return { ...parts, transaction: allOrNothing(tables), close: () => {} }
}

type Journal = 'openIntents' | 'addIntent' | 'markIntent' | 'addHistory' | 'history' | 'dropHistory'

function statesOf({ record, apps, lastGood, fleet }: Tables): Omit<Store, Journal | 'shelf' | 'transaction' | 'close'> {
  return {
    record: () => [...record.values()],
    putRecorded: (recorded) => {
      for (const one of recorded) record.set(one.id, one)
    },
    forget: (ids) => {
      for (const id of ids) record.delete(id)
    },
    apps: () => [...apps.keys()].sort().flatMap((name) => apps.get(name) ?? []),
    app: (name) => apps.get(name) ?? blankApp(name),
    putApp: (state) => {
      apps.set(state.app, state)
    },
    dropApp: (name) => {
      apps.delete(name)
      lastGood.delete(name)
    },
    lastGood: (app) => lastGood.get(app) ?? [],
    setLastGood: (app, resources) => {
      lastGood.set(app, resources)
    },
    fleet: () => fleet.get('fleet') ?? BLANK_FLEET,
    putFleet: (state) => {
      fleet.set('fleet', state)
    },
  }
}

function journalOf({ intents, history }: Tables): Pick<Store, Journal> {
  let seq = 0
  return {
    openIntents: () => [...intents.values()].filter(({ closedAt }) => closedAt === undefined),
    addIntent: (intent) => {
      intents.set(++seq, { ...intent, seq })
      return seq
    },
    markIntent: (number, step, note, closedAt) => {
      const intent = intents.get(number)
      if (!intent) throw new InternalError(`no intent ${number} in the journal`)
      // What is closed is never asked for again: it need not be kept.
      if (closedAt !== undefined) intents.delete(number)
      else intents.set(number, { ...intent, step, note })
    },
    addHistory: (entry) => {
      history.set(++seq, { ...entry, seq })
    },
    dropHistory: (before) => {
      const over = [...history].filter(([, { at }]) => at < before)
      for (const [seq] of over) history.delete(seq)
      return over.length
    },
    history: ({ app, limit }) =>
      [...history.values()]
        .filter((entry) => app === undefined || entry.app === app)
        .reverse()
        .slice(0, limit),
  }
}

function allOrNothing(tables: Tables): Store['transaction'] {
  const all = Object.values(tables) as Map<unknown, unknown>[]
  return (body) => {
    const before = all.map((table) => new Map(table))
    try {
      return body()
    } catch (error) {
      all.forEach((table, index) => {
        table.clear()
        for (const [key, value] of before[index] ?? []) table.set(key, value)
      })
      throw error
    }
  }
}
