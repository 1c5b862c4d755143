import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRealClock } from '../../src/lib/real-clock.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { createSqliteStore, openReadOnly } from '../../src/store/sqlite.ts'
import { type BuiltModules, buildModules } from '../support/built-modules.ts'

type Mode = 'hold' | 'write' | 'stop-inside' | 'count'

interface Other {
  readonly process: ChildProcess
  /** Resolves when it said this line, with all lines until then. */
  said(line: string): Promise<readonly string[]>
  /** All that it said until its end. */
  readonly ended: Promise<readonly string[]>
}

let built: BuiltModules
let directory: string
let path: string
let others: Other[] = []
beforeAll(() => {
  built = buildModules(['store/sqlite.ts', 'lib/real-clock.ts'])
})
afterAll(() => built.remove())
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-processes-'))
  path = join(directory, 'swarmkeeper.db')
})
afterEach(async () => {
  for (const other of others) other.process.kill('SIGKILL')
  await Promise.all(others.map(({ ended }) => ended))
  others = []
  rmSync(directory, { recursive: true, force: true })
})

function start(mode: Mode): Other {
  const script = join(import.meta.dirname, 'other-process.mjs')
  const args = [script, built.path('store/sqlite.ts'), built.path('lib/real-clock.ts'), path, mode]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => lines)
  const said = async (line: string) => {
    while (!lines.includes(line)) {
      const came = await Promise.race([once(reader, 'line'), ended.then(() => undefined)])
      if (!came && !lines.includes(line)) throw new Error(`it ended without saying ${line}: ${lines.join(', ')}`)
    }
    return [...lines]
  }
  const other = { process: child, said, ended }
  others.push(other)
  return other
}

const open = (lockWaitMs: number, warn?: (message: string) => void) =>
  createSqliteStore({ path, clock: createRealClock(), lockWaitMs, ...(warn && { warn }) })

describe('two processes on one database', () => {
  it('the second refuses where it may not wait, and says who writes', async () => {
    const other = start('hold')
    await other.said('open')
    await expect(open(0)).rejects.toMatchObject({
      reason: 'StoreLocked',
      retryable: true,
      message: expect.stringMatching(new RegExp(`held by process ${other.process.pid} on \\S+ since \\d{4}-`)),
    })
  })

  it('the second waits no longer than it may', async () => {
    await start('hold').said('open')
    const began = performance.now()
    await expect(open(300)).rejects.toMatchObject({
      reason: 'StoreLocked',
      message: expect.stringContaining('after 0.3 s'),
    })
    expect(performance.now() - began).toBeGreaterThanOrEqual(299)
  })

  it('the second stops waiting when it is told to', async () => {
    await start('hold').said('open')
    const stop = new AbortController()
    const warn = () => stop.abort(new Error('stopping'))
    await expect(createSqliteStore({ path, clock: createRealClock(), signal: stop.signal, warn })).rejects.toThrow(
      'stopping',
    )
  })

  it('the second goes on at once when the first is killed with -9 while it waits', async () => {
    const other = start('hold')
    await other.said('open')
    const store = await open(20_000, () => other.process.kill('SIGKILL'))
    store.close()
  })

  it('a reader sees the state beside a process that writes', async () => {
    const other = start('write')
    await other.said('3')
    const reader = openReadOnly(path)
    expect(reader.app('shop').failures).toBeGreaterThanOrEqual(3)
    reader.close()
  })

  it('many take their turns: no write of any is lost', async () => {
    const turns = Array.from({ length: 5 }, () => start('count'))
    await Promise.all(turns.map(({ ended }) => ended))
    expect(openReadOnly(path).app('shop').failures).toBe(5)
  })
})

describe('a writer killed with -9', () => {
  const expectWhole = () => {
    const database = openDatabase(path, { readonly: true })
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    database.close()
  }

  it('inside a transaction leaves the one before, whole, and no lock', async () => {
    const other = start('stop-inside')
    await other.said('inside')
    other.process.kill('SIGKILL')
    await other.ended
    const store = await open(0)
    expect(store.record().map(({ spec }) => (spec as { round: number }).round)).toEqual([1, 1, 1, 1, 1])
    expect([store.app('shop').failures, store.openIntents()]).toEqual([1, []])
    store.close()
    expectWhole()
  })

  it.each([1, 7, 20, 55])('anywhere after its round %i lost nothing that it had reported', async (round) => {
    const other = start('write')
    await other.said(`${round}`)
    other.process.kill('SIGKILL')
    const reported = Number((await other.ended).at(-1))
    const store = await open(0)
    const rounds = new Set(store.record().map(({ spec }) => (spec as { round: number }).round))
    expect(rounds).toEqual(new Set([store.app('shop').failures]))
    expect([reported, reported + 1]).toContain(store.app('shop').failures)
    expect(store.openIntents()).toEqual([])
    store.close()
    expectWhole()
  })
})
