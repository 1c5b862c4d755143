// The process of real-trouble.test.ts: node trouble-process.mjs MODULES(json) FOLDER full|locked
// Says what was sent and what is left, as JSON, after the database refused to write before a send, and after another.
import { readdirSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

const [, , modules, folder, kind] = process.argv
const [stores, clocks, outboxes] = await Promise.all(JSON.parse(modules).map((module) => import(module)))

const clock = clocks.createRealClock()
const path = join(folder, 'swarmkeeper.db')
const store = await stores.createSqliteStore({ path, clock })

/** Until nothing more can be written, and again. */
const TROUBLES = {
  full: () => {
    const before = readdirSync(folder).length
    for (let size = 1 << 20; size >= 512; size /= 2) {
      for (let n = 0; n < 64; n++) {
        try {
          writeFileSync(join(folder, `filler-${size}-${n}`), 'x'.repeat(size))
        } catch {
          break // ENOSPC: smaller ones may still find room
        }
      }
    }
    if (before === readdirSync(folder).length || statfsSync(folder).bavail > 0) throw new Error('it is not full')
    return () => {
      for (const name of readdirSync(folder)) if (name.startsWith('filler-')) rmSync(join(folder, name))
    }
  },
  locked: () => {
    const other = new Sqlite(path)
    other.exec('BEGIN IMMEDIATE')
    return () => other.close()
  },
}

const sent = []
const troubles = []
let mend
const trouble = () => {
  mend = TROUBLES[kind]()
}
const sink = {
  name: 'chat:ops',
  send: async ({ subject, perhapsSent }) => {
    sent.push([subject, perhapsSent])
    if (subject === 'second') trouble()
    return { state: 'sent', ref: subject }
  },
}
const emit = (event) => {
  if (event.type !== 'outbox:trouble') return
  troubles.push(event.message)
  mend?.()
  mend = undefined
}
const outbox = outboxes.createOutbox({ store, clock, random: () => 0, sinks: [sink], emit })

// More than the database has room for in what it holds already.
const body = 'x'.repeat(300_000)
const message = (subject) => ({ sink: 'chat:ops', subject, body: `${subject} ${body}`, final: true })
outbox.put([message('first'), message('second')])
trouble()
let refused = false
try {
  // Of a lock it is known, and it would take its five seconds once more.
  if (kind === 'full') outbox.put([message('third')])
} catch {
  refused = true
}
const ending = new AbortController()
const running = outbox.run(ending.signal)
await outbox.drain(60_000)
while (outbox.depth() > 0) await clock.sleep(20)
outbox.put([message('third')])
await outbox.drain(60_000)
ending.abort()
await running
const last = ['first', 'second', 'third'].map((subject) => outbox.lastSent('chat:ops', subject)?.length)
writeSync(1, JSON.stringify({ sent, refused, troubles, left: outbox.depth(), last }))
store.close()
