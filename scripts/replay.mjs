#!/usr/bin/env node
// `npm run replay -- REPO.git PATTERN`: plans through the history of stack files, beside what the docker CLI would send. The
// program is TypeScript (test/conformance/replay/main.ts) and is built into a folder of this run alone.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const cache = join(root, 'node_modules/.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'swarmkeeper-replay-'))
const run = (words) => spawnSync(process.execPath, words, { stdio: 'inherit' }).status ?? 1

try {
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: { outDir: folder, rootDir: root, sourceMap: false, noCheck: true },
    include: [],
    files: [join(root, 'test/conformance/replay/main.ts')],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  symlinkSync(join(root, 'schemas'), join(folder, 'schemas'))
  const built = run([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
  process.exitCode =
    built === 0 ? run([join(folder, 'test/conformance/replay/main.js'), ...process.argv.slice(2)]) : built
} finally {
  rmSync(folder, { recursive: true, force: true })
}
