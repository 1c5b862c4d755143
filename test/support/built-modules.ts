import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export interface BuiltModules {
  /** Path of the JavaScript of a module under `src/`: `path('store/sqlite.ts')`. */
  path(module: string): string
  remove(): void
}

const ROOT = resolve(import.meta.dirname, '../..')

/**
 * Modules of `src/` (and what they import) as JavaScript, for tests that need them in a process of their own. Under
 * `node_modules`, so that packages resolve. Type errors elsewhere do not matter here.
 */
export function buildModules(modules: readonly string[]): BuiltModules {
  const cache = join(ROOT, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const directory = mkdtempSync(join(cache, 'swarmkeeper-test-'))
  const config = {
    extends: join(ROOT, 'tsconfig.build.json'),
    compilerOptions: { outDir: directory, rootDir: join(ROOT, 'src'), sourceMap: false, noCheck: true },
    include: [],
    files: modules.map((module) => join(ROOT, 'src', module)),
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', directory], { timeout: 60_000 })
  return {
    path: (module) => join(directory, module.replace(/\.ts$/, '.js')),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
