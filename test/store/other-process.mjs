// The other process of two-processes.test.ts: node other-process.mjs BUILT_STORE BUILT_CLOCK DATABASE MODE
import { writeSync } from 'node:fs'

const [, , storeModule, clockModule, path, mode] = process.argv
const { createSqliteStore } = await import(storeModule)
const { createRealClock } = await import(clockModule)
const say = (line) => writeSync(1, `${line}\n`)
const forEver = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)

const store = await createSqliteStore({ path, clock: createRealClock(), lockWaitMs: 60_000 })
say('open')

/** Everything that one step of an apply writes, with one number in all of it. */
const writeRound = (round) => {
  const record = (name) => ({
    id: `prod/Service/${name}`,
    kind: 'Service',
    app: 'shop',
    digest: `${round}`,
    state: 'owned',
    format: 1,
    handling: {},
    spec: { round, padding: 'x'.repeat(2000) },
  })
  const seq = store.addIntent({
    attempt: 'a',
    app: 'shop',
    id: 'prod/Service/a',
    action: 'update',
    step: 'started',
    note: {},
    at: '',
  })
  store.putRecorded(['a', 'b', 'c', 'd', 'e'].map(record))
  store.putApp({ app: 'shop', failures: round, restarts: {} })
  store.markIntent(seq, 'applied', {}, 'now')
}

const MODES = {
  hold: () => setInterval(() => {}, 1000),
  write: () => {
    for (let round = 1; ; round++) {
      store.transaction(() => writeRound(round))
      say(round)
    }
  },
  'stop-inside': () => {
    store.transaction(() => writeRound(1))
    store.transaction(() => {
      writeRound(2)
      say('inside')
      forEver()
    })
  },
  count: () => {
    const { failures } = store.app('shop')
    store.putApp({ app: 'shop', failures: failures + 1, restarts: {} })
    store.close()
  },
}
MODES[mode]()
