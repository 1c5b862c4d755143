import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type BuiltModules, buildModules } from '../support/built-modules.ts'

/** A small disk of its own, which is gone with the process. */
const SMALL_DISK = 'mount -t tmpfs -o size=6m none "$0" && exec "$@"'

const onSmallDisk = (folder: string, command: readonly string[]) =>
  spawnSync('unshare', ['-m', 'sh', '-c', SMALL_DISK, folder, ...command], { encoding: 'utf8', timeout: 60_000 })

const MODULES = ['store/sqlite.ts', 'lib/real-clock.ts', 'outbox/outbox.ts']

let built: BuiltModules
let folder: string
beforeAll(() => {
  built = buildModules(MODULES)
})
afterAll(() => built.remove())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-trouble-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const commandOf = (kind: string): readonly string[] => {
  const modules = JSON.stringify(MODULES.map((module) => built.path(module)))
  return [process.execPath, join(import.meta.dirname, 'trouble-process.mjs'), modules, folder, kind]
}

const EVERYTHING_ONCE = {
  sent: [
    ['first', false],
    ['second', false],
    ['third', false],
  ],
  left: 0,
  last: [300_006, 300_007, 300_006],
}

it('a disk that is full, before a send and after one: who puts is told, nothing is lost, nothing is sent twice', ({
  skip,
}) => {
  const probe = onSmallDisk(folder, ['true'])
  if (probe.status !== 0) skip(`SKIPPED: no disk of its own can be had here: ${probe.stderr || probe.error}`)
  const { stdout, stderr } = onSmallDisk(folder, commandOf('full'))
  expect(stderr).toBe('')
  const found = JSON.parse(stdout)
  expect(found).toMatchObject({ ...EVERYTHING_ONCE, refused: true })
  expect(found.troubles.length).toBeGreaterThanOrEqual(2)
  expect(found.troubles[0]).toMatch(/full/)
})

it('a database that another one holds, before a send and after one: the same', () => {
  const [node = '', ...words] = commandOf('locked')
  const { stdout, stderr } = spawnSync(node, words, { encoding: 'utf8', timeout: 120_000 })
  expect(stderr).toBe('')
  const found = JSON.parse(stdout)
  expect(found).toMatchObject(EVERYTHING_ONCE)
  expect(found.troubles.length).toBeGreaterThanOrEqual(2)
  expect(found.troubles[0]).toMatch(/locked/)
})
