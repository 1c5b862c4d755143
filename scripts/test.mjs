#!/usr/bin/env node
// `npm test`: everything that a change must pass, on a machine that has nothing but Node. Prepares what is missing,
// says what it does, and runs the fast suites first. `--full` adds the exhaustive ones; `--yes` installs system
// packages without asking, as CI does.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const args = process.argv.slice(2)
const full = args.includes('--full')
const yes = args.includes('--yes') || process.env.CI === 'true'
const begin = Date.now()

const say = (text) => console.log(`\n== ${text}`)

/** Runs one command with its output shown; returns its exit code. */
function run(command, words, env = {}) {
  const started = Date.now()
  const result = spawnSync(command, words, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  console.log(`   (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  return result.status ?? 1
}

function must(name, command, words) {
  say(name)
  const code = run(command, words)
  if (code !== 0) {
    console.error(`\n${name}: exit code ${code}; the tests cannot run without it`)
    process.exit(code)
  }
}

if (!existsSync(resolve(root, 'node_modules/vitest'))) must('Installing npm packages (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund'])
must('Building (npm run build)', 'npm', ['run', '--silent', 'build'])

const { installMissing } = await import('../test/lab/requirements.mjs')
say('Looking for what the lab of real systems needs')
const missing = await installMissing({ yes })

const suites = [
  ['unit', 'Unit and conformance tests'],
  ['property', 'Property tests'],
  ['scenario', 'Scenarios on a real Docker Swarm'],
]
const env = full ? { SWARMKEEPER_TEST_FULL: '1' } : {}
const failed = []
for (const [project, title] of suites) {
  say(`${title} (vitest --project ${project})`)
  if (project === 'scenario' && missing.length > 0) {
    console.log(`   SKIPPED: this machine lacks ${missing.join(', ')}`)
    continue
  }
  if (run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', project], env) !== 0) failed.push(project)
}

say(`${failed.length === 0 ? 'All suites passed' : `FAILED: ${failed.join(', ')}`} in ${((Date.now() - begin) / 1000).toFixed(0)} s`)
process.exit(failed.length === 0 ? 0 : 1)
