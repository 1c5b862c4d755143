#!/usr/bin/env node
// `npm run bench:hosts -- [ROUNDS]`: Ansible and we on the same eight hosts; see test/bench/README.md. The program is built
// as `npm run build` does it, and into a folder of this run alone.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const cache = join(root, 'node_modules/.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'swarmkeeper-bench-'))
const run = (words) => spawnSync(process.execPath, words, { stdio: 'inherit' }).status ?? 1

try {
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: { outDir: join(folder, 'dist'), rootDir: join(root, 'src'), noCheck: true },
    include: [join(root, 'src')],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(root, 'schemas'), join(folder, 'schemas'))
  const compiled = run([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
  process.exitCode =
    compiled === 0 ? run([join(root, 'test/bench/main.mjs'), join(folder, 'dist'), ...process.argv.slice(2)]) : compiled
} finally {
  rmSync(folder, { recursive: true, force: true })
}
