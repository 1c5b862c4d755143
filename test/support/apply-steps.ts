import { existsSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import type { Intent } from '../../src/model/store.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import type { ApiCounter, CountedCall } from '../lab/api-counter.mjs'

/**
 * A moment of an apply that can be seen from outside: before a write reaches the engine, after the engine has done it
 * and before the program hears of it, and each state of each intent in the journal.
 */
export type ApplyStep = string

/** Calls `on` at each step, for the first time that it is reached; the program waits while it runs at a write. */
export interface StepWatch {
  stop(): void
}

const ORDER = ['not-run', 'started', 'applied']

export function watchSteps(of: {
  readonly counter: ApiCounter
  readonly database: string
  readonly on: (step: ApplyStep) => void
}): StepWatch {
  const seen = new Set<ApplyStep>()
  const reach = (step: ApplyStep): void => {
    if (seen.has(step)) return
    seen.add(step)
    of.on(step)
  }
  const calls = watchCalls(of.counter, reach)
  const journal = watchJournal(of.database, reach)
  return {
    stop: () => {
      calls()
      journal()
    },
  }
}

function watchCalls(counter: ApiCounter, reach: (step: ApplyStep) => void): () => void {
  const times = new Map<string, number>()
  const named = new Map<CountedCall, string>()
  return counter.inject({
    when: (call) => call.method !== 'GET' && call.method !== 'HEAD',
    before: (call) => {
      const name = nameOf(call)
      const time = (times.get(name) ?? 0) + 1
      times.set(name, time)
      named.set(call, time === 1 ? name : `${name} (${time})`)
      reach(`before ${named.get(call)}`)
      // Long enough for the journal of this write to be seen.
      return pause(10)
    },
    after: (call) => {
      reach(`after ${named.get(call)}`)
      return pause(10)
    },
  })
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** `POST /services/create k-1`, without ids, which differ from run to run. */
function nameOf({ method, path, body }: CountedCall): string {
  const words = path.replace(/\/[a-z0-9]{25}(?=\/|$)/, '/ID').replace(/\/[0-9a-f]{64}$/, '/ID')
  const name: unknown = body?.Name
  return `${method} ${words}${typeof name === 'string' ? ` ${plain(name)}` : ''}`
}

/** Names of generations, without the hash of their content. */
const plain = (name: string): string => name.replace(/_[0-9a-f]{12}$/, '')

/** Each state of each intent in the journal of this database, also where nothing else can be seen. */
export function watchJournal(path: string, reach: (step: ApplyStep) => void): () => void {
  let database: Database | undefined
  let from = 0
  const look = (): void => {
    database ??= existsSync(path) ? openDatabase(path, { readonly: true, timeout: 0 }) : undefined
    const rows = database?.prepare<[number], { seq: number; json: string }>(
      'SELECT seq, json FROM intent WHERE seq > ?',
    )
    for (const { json } of rows?.all(from) ?? []) {
      const intent = JSON.parse(json) as Intent
      // What is further than a state was in it.
      const until = ORDER.indexOf(intent.step)
      for (const step of ORDER.slice(0, until + 1)) reach(`journal ${intent.action} ${plain(intent.id)} ${step}`)
    }
  }
  const quietly = (): void => {
    try {
      look()
    } catch {
      // It is being made, or locked for a moment.
    }
  }
  try {
    const known = existsSync(path) ? openDatabase(path, { readonly: true }) : undefined
    from = Number(known?.prepare('SELECT max(seq) FROM intent').pluck().get() ?? 0)
    known?.close()
  } catch {
    from = 0
  }
  const timer = setInterval(quietly, 1)
  return () => {
    clearInterval(timer)
    database?.close()
  }
}
