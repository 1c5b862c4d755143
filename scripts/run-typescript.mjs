#!/usr/bin/env node
// Runs a program of test/conformance, which is TypeScript, built into a folder of this run alone:
// `node scripts/run-typescript.mjs test/conformance/units/main.ts WORDS`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const cache = join(root, 'node_modules/.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'swarmkeeper-conformance-'))
const [program = '', ...words] = process.argv.slice(2)
const run = (all) => spawnSync(process.execPath, all, { stdio: 'inherit', cwd: root }).status ?? 1

try {
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: { outDir: folder, rootDir: root, sourceMap: false, noCheck: true },
    include: [],
    files: [join(root, program)],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  symlinkSync(join(root, 'schemas'), join(folder, 'schemas'))
  const built = run([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
  process.exitCode = built === 0 ? run([join(folder, program.replace(/\.ts$/, '.js')), ...words]) : built
} finally {
  rmSync(folder, { recursive: true, force: true })
}
