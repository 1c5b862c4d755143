import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReconcileError } from '../../src/model/error.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { MIGRATIONS, migrate, versionOf } from '../../src/store/migrations.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { createSqliteStore, openReadOnly, type SqliteStoreOptions } from '../../src/store/sqlite.ts'
import { intentOf, recordedOf, storeConformance, wantedOf } from '../conformance/store.ts'
import { createFakeClock } from '../support/fake-clock.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-store-'))
  path = join(directory, 'state', 'swarmkeeper.db')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const open = (options: Partial<SqliteStoreOptions> = {}) =>
  createSqliteStore({ path, clock: createFakeClock({ auto: true }), ...options })

/** Does something to the file behind swarmkeeper's back. */
function tamper(body: (database: Sqlite.Database) => void): void {
  const database = openDatabase(path)
  body(database)
  database.close()
}

async function caught(promise: Promise<unknown>): Promise<ReconcileError> {
  return promise.then(
    () => expect.unreachable('it should have been refused'),
    (error: ReconcileError) => error,
  )
}

describe('the SQLite store', () => {
  describe('as a store', () => storeConformance(open))

  it('remembers everything after it was closed and opened again', async () => {
    const before = await open()
    before.putRecorded([recordedOf('web')])
    before.putApp({ app: 'shop', failures: 3, restarts: {} })
    before.setLastGood('shop', [wantedOf('web')])
    before.putFleet({ targets: { prod: 'cluster-1' }, confirmed: [], drift: {} })
    const seq = before.addIntent(intentOf('web'))
    before.close()

    const after = await open()
    expect(after.record()).toEqual([recordedOf('web')])
    expect(after.app('shop').failures).toBe(3)
    expect(after.lastGood('shop')).toEqual([wantedOf('web')])
    expect(after.fleet().targets).toEqual({ prod: 'cluster-1' })
    expect(after.openIntents().map((intent) => intent.seq)).toEqual([seq])
    after.close()
  })

  it('leaves one whole file when it is closed', async () => {
    const store = await open()
    store.putRecorded([recordedOf('web')])
    store.close()
    expect(readdirSync(join(directory, 'state')).sort()).toEqual(['swarmkeeper.db', 'swarmkeeper.db.lock'])
  })
})

describe('files of the SQLite store', () => {
  const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)

  it('are for the owner alone, and so is a directory that had to be made', async () => {
    const store = await open()
    store.putRecorded([recordedOf('web')])
    const state = join(directory, 'state')
    expect(modeOf(state)).toBe('700')
    expect(readdirSync(state).map((file) => [file, modeOf(join(state, file))])).toEqual(
      readdirSync(state).map((file) => [file, '600']),
    )
    expect(readdirSync(state)).toContain('swarmkeeper.db-wal')
    store.close()
  })

  it('become private when they were not, while a directory that was there keeps its mode', async () => {
    mkdirSync(join(directory, 'state'), { mode: 0o755 })
    writeFileSync(path, '')
    chmodSync(path, 0o644)
    const store = await open()
    expect([modeOf(path), modeOf(join(directory, 'state'))]).toEqual(['600', '755'])
    store.close()
  })

  it('never hold a secret, although a secret was handed over in every way (SEC-8)', async () => {
    const canary = 'canary-7f3a91c2'
    const secret = new Sensitive(canary)
    const store = await open()
    const opaque = { secret: 'settings:DB_PASSWORD', mac: 'f'.repeat(64) }
    store.putRecorded([recordedOf('web', { spec: { password: opaque } })])
    expect(() => store.putRecorded([recordedOf('web', { spec: { password: secret } })])).toThrow()
    expect(() => store.setLastGood('shop', [wantedOf('web', { spec: [secret] })])).toThrow()
    store.addHistory({ at: '', app: 'shop', revision: '', what: 'applied', message: `${secret}`, detail: { secret } })
    store.addIntent(intentOf('web', { note: { message: `wrote ${secret}` } }))
    for (const moment of ['open', 'closed']) {
      if (moment === 'closed') store.close()
      const bytes = readdirSync(join(directory, 'state')).map((file) =>
        readFileSync(join(directory, 'state', file), 'latin1'),
      )
      expect(bytes.join(), moment).toContain('settings:DB_PASSWORD')
      expect(bytes.join(), moment).not.toContain(canary)
    }
  })
})

describe('a database that cannot be used', () => {
  it('says which path cannot be created', async () => {
    writeFileSync(join(directory, 'state'), 'a file where a directory should be')
    const error = await caught(open())
    expect([error.reason, error.message]).toEqual(['InvalidSettings', expect.stringContaining(path)])
  })

  it('names damage, and the way out', async () => {
    mkdirSync(join(directory, 'state'))
    writeFileSync(path, 'this is no database, and long enough that nobody takes it for a new one. '.repeat(20))
    const error = await caught(open())
    expect([error.reason, error.todo]).toEqual(['RecordDisagrees', expect.stringContaining('swarmkeeper rebuild')])
  })

  it('refuses a database of another program, and leaves it as it is', async () => {
    mkdirSync(join(directory, 'state'))
    tamper((database) => database.exec('CREATE TABLE invoices (id)'))
    expect((await caught(open())).message).toContain('invoices')
    tamper((database) => expect(database.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['invoices']))
  })

  it('holds no lock after it failed', async () => {
    mkdirSync(join(directory, 'state'))
    tamper((database) => database.exec('CREATE TABLE invoices (id)'))
    await caught(open())
    tamper((database) => database.exec('DROP TABLE invoices'))
    const store = await open({ lockWaitMs: 0 })
    store.close()
  })
})

describe('migrations', () => {
  const openAt = (version: number, body: (database: Sqlite.Database) => void) => {
    mkdirSync(join(directory, 'state'))
    tamper((database) => {
      database.pragma('journal_mode = WAL')
      migrate(
        database,
        MIGRATIONS.filter(({ number }) => number <= version),
      )
      body(database)
    })
  }
  const fillVersion1 = (database: Sqlite.Database) => {
    const put = database.prepare('INSERT INTO record (id, app, json) VALUES (?, ?, ?)')
    for (const one of [recordedOf('web'), recordedOf('db')]) put.run(one.id, one.app, JSON.stringify(one))
    database
      .prepare('INSERT INTO app (app, json) VALUES (?, ?)')
      .run('shop', '{"app":"shop","failures":1,"restarts":{}}')
  }

  it('are numbered from 1 without gaps', () => {
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_, index) => index + 1))
  })

  it('bring a database of version 1 with its rows to the newest version', async () => {
    openAt(1, fillVersion1)
    const store = await open()
    expect(store.record()).toEqual([recordedOf('web'), recordedOf('db')])
    expect(store.app('shop').failures).toBe(1)
    expect(store.quarantined()).toEqual([])
    store.close()
    tamper((database) => expect(versionOf(database)).toBe(MIGRATIONS.length))
  })

  it('are all or nothing: a failing one leaves the version before', () => {
    openAt(1, fillVersion1)
    tamper((database) => {
      const broken = [...MIGRATIONS, { number: MIGRATIONS.length + 1, sql: 'CREATE TABLE extra (id); NONSENSE' }]
      expect(() => migrate(database, broken)).toThrow('NONSENSE')
      expect(versionOf(database)).toBe(1)
      expect(
        database.prepare("SELECT count(*) FROM sqlite_schema WHERE name IN ('extra', 'quarantine')").pluck().get(),
      ).toBe(0)
    })
  })

  it('are read without being run where a process only reads: the file stays as it was', () => {
    openAt(1, fillVersion1)
    const reader = openReadOnly(path)
    expect(reader.record()).toEqual([recordedOf('web'), recordedOf('db')])
    reader.close()
    tamper((database) => expect(versionOf(database)).toBe(1))
  })

  it('of a newer version are refused for writing, and still read', async () => {
    openAt(1, fillVersion1)
    ;(await open()).close()
    tamper((database) => database.pragma('user_version = 99'))
    const error = await caught(open())
    expect([error.reason, error.message]).toEqual(['StoreTooNew', expect.stringContaining('version 99')])
    const reader = openReadOnly(path)
    expect(reader.record().length).toBe(2)
    expect(() => reader.putRecorded([recordedOf('new')])).toThrow(expect.objectContaining({ reason: 'StoreTooNew' }))
    reader.close()
    tamper((database) => expect(versionOf(database)).toBe(99))
  })
})

describe('a reader', () => {
  it('sees what is committed while another process writes, and needs no lock', async () => {
    const writer = await open()
    writer.putRecorded([recordedOf('web')])
    const reader = openReadOnly(path)
    writer.transaction(() => {
      writer.putRecorded([recordedOf('db')])
      expect(reader.record()).toEqual([recordedOf('web')])
    })
    expect(reader.record()).toEqual([recordedOf('web'), recordedOf('db')])
    reader.close()
    writer.close()
  })

  it('writes nothing, whatever is asked of it', async () => {
    ;(await open()).close()
    const reader = openReadOnly(path)
    const writes = [
      () => reader.putRecorded([recordedOf('web')]),
      () => reader.forget([]),
      () => reader.putApp({ app: 'shop', failures: 0, restarts: {} }),
      () => reader.dropApp('shop'),
      () => reader.setLastGood('shop', []),
      () => reader.putFleet({ targets: {}, confirmed: [], drift: {} }),
      () => reader.addIntent(intentOf('web')),
      () => reader.markIntent(1, 'applied', {}),
      () => reader.addHistory({ at: '', app: '', revision: '', what: '', message: '' }),
    ]
    for (const write of writes) expect(write).toThrow('opened for reading')
    reader.close()
  })

  it('finds nothing, and creates nothing, where there is no database yet', () => {
    const reader = openReadOnly(path)
    expect([reader.record(), reader.apps(), reader.history({ limit: 5 })]).toEqual([[], [], []])
    expect(() => reader.addIntent(intentOf('web'))).toThrow('does not exist')
    expect(existsSync(path)).toBe(false)
  })
})

describe('a poisoned row (SEC-22)', () => {
  const fill = async () => {
    const store = await open()
    store.putRecorded([recordedOf('web'), recordedOf('blog', { app: 'blog' })])
    for (const app of ['shop', 'blog']) {
      store.putApp({ app, failures: 0, restarts: {} })
      store.setLastGood(app, [wantedOf('web')])
      store.addHistory({ at: '2026-01-01', app, revision: 'r', what: 'applied', message: '' })
      store.addIntent(intentOf('web', { app }))
    }
    store.putFleet({ targets: { prod: 'cluster-1' }, confirmed: [], drift: {} })
    store.close()
  }

  it.each([
    ['record', '{"id":', ['shop']],
    ['record', '{"id":7,"kind":"Service"}', ['shop']],
    ['app', '[]', ['shop']],
    ['app', '{"app":"shop","failures":"many","restarts":{}}', ['shop']],
    ['last_good', '{}', ['shop']],
    ['intent', 'null', ['shop']],
    ['history', '', []],
  ])('of table %s, %s, is put aside and reported; its app waits for a person', async (table, json, suspended) => {
    await fill()
    const first = `(SELECT min(rowid) FROM ${table} WHERE app = 'shop')`
    tamper((database) => database.prepare(`UPDATE ${table} SET json = ? WHERE rowid = ${first}`).run(json))
    const warnings: string[] = []
    const store = await open({ warn: (message) => warnings.push(message) })
    expect(warnings).toEqual([expect.stringContaining(`${table} `)])
    expect(store.quarantined()).toMatchObject([{ origin: table, app: 'shop' }])
    expect(store.apps().flatMap(({ app, suspension }) => (suspension ? [app] : []))).toEqual(suspended)
    expect([store.record().length, store.lastGood('blog').length, store.openIntents().length]).toEqual([
      table === 'record' ? 1 : 2,
      1,
      table === 'intent' ? 1 : 2,
    ])
    store.close()

    const again: string[] = []
    const next = await open({ warn: (message) => again.push(message) })
    expect([again, next.quarantined().length]).toEqual([[], 1])
    next.close()
  })

  it('of the fleet freezes the fleet: whether it was frozen is not known any more', async () => {
    await fill()
    tamper((database) => database.exec("UPDATE fleet SET json = '{'"))
    const store = await open()
    expect(store.fleet().frozen).toMatchObject({
      by: 'swarmkeeper',
      reason: expect.stringContaining('could not be read'),
    })
    store.close()
  })

  it('is passed over by a reader, which moves nothing', async () => {
    await fill()
    tamper((database) => database.exec("UPDATE record SET json = '{' WHERE app = 'shop'"))
    const reader = openReadOnly(path)
    expect(reader.record().map(({ app }) => app)).toEqual(['blog'])
    reader.close()
    tamper((database) => expect(database.prepare('SELECT count(*) FROM quarantine').pluck().get()).toBe(0))
  })
})
