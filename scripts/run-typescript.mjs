#!/usr/bin/env node
// Runs a program of test/, which is TypeScript, built into a folder of this run alone:
// `node scripts/run-typescript.mjs test/conformance/units/main.ts WORDS`.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

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
  copyPlainFiles()
  process.exitCode = built === 0 ? run([join(folder, program.replace(/\.ts$/, '.js')), ...words]) : built
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** What a program of test/ reads or imports beside its TypeScript. */
function copyPlainFiles() {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => /\.(mjs|json)$/.test(name))) {
    const to = join(folder, 'test', file)
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(join(root, 'test', file), to)
  }
}
