import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** All that the engine needs to run in memory, and what judges it: laws and scenarios. */
const COPIED = [
  'src/model',
  'src/lib',
  'src/plan',
  'src/apply',
  'src/reconcile',
  'src/targets/memory',
  'src/store',
  'test/support/fleet.ts',
  'test/support/kinds.ts',
  'test/support/fake-clock.ts',
  'test/support/quick-store.ts',
  'test/support/plan-input.ts',
  'test/property/laws',
  'test/property/mutations/collected.ts',
  'test/reconcile',
  'test/apply',
] as const

/** Folders whose tests are collected, instead of being run by the test runner. */
const SCENARIOS = ['test/reconcile', 'test/apply'] as const

export interface Mutation {
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

export interface Copy {
  /** A module of the copy: of the engine, or of what judges it. */
  load(path: string): Promise<Readonly<Record<string, unknown>>>
  mutate(mutation: Mutation): void
  dispose(): void
}

/** The same program in a folder of its own. */
export function copyProgram(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-mutant-'))
  for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const scenarios of SCENARIOS) collectTests(join(folder, scenarios), join(folder, 'test/property/mutations'))
  return {
    load: (path) => import(pathToFileURL(join(folder, path)).href),
    mutate: ({ file, find, replace }) => {
      const text = readFileSync(join(folder, file), 'utf8')
      const count = text.split(find).length - 1
      if (count !== 1) throw new Error(`${file}: the text to mutate stands there ${count} times:\n${find}`)
      writeFileSync(
        join(folder, file),
        text.replace(find, () => replace),
      )
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Their `it` notes the test instead of running it. */
function collectTests(folder: string, collector: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.test.ts')) continue
    const path = join(folder, name)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace("from 'vitest'", `from '${collector}/collected.ts'`))
  }
}
