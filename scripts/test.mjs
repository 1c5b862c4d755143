#!/usr/bin/env node
// @ts-check
// `npm test`: everything that a change must pass, on a machine that has nothing but Node. Prepares what is missing, says
// what it does, and runs the fast suites first. `--full` adds the exhaustive ones; `--yes` installs system packages
// without asking, as CI=true does. The last line is the total.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostImage } from '../test/lab/host-image.mjs'
import {
  describeMissing,
  installMissing,
  missingForHosts,
  missingForLab,
  missingForTests,
} from '../test/lab/requirements.mjs'
import { CannotGoOn, prepare } from './prepare.mjs'
import { raiseInotify } from './test/raise-inotify.mjs'
import { runSuite } from './test/run-suite.mjs'
import { printTotals } from './test/totals.mjs'

const args = process.argv.slice(2)
const inCi = process.env.CI === 'true'
const yes = args.includes('--yes') || inCi
const full = args.includes('--full')

/** @type {readonly (readonly [project: string, title: string])[]} */
const suites = [
  ['unit', 'Unit and conformance tests'],
  ['programs', 'Tests with real programs: git, ssh, processes that are killed'],
  ['property', full ? 'Property tests, all cases' : 'Property tests'],
  ['scenario', full ? 'Scenarios on a real Docker Swarm, the exhaustive ones too' : 'Scenarios on a real Docker Swarm'],
]

const say = (/** @type {string} */ line) => console.log(`   ${line}`)
const title = (/** @type {string} */ text) => console.log(`\n== ${text}`)

process.exit(await main())

/** @returns {Promise<number>} the exit code */
async function main() {
  const begin = performance.now()
  title('Preparing')
  try {
    await prepare({ yes, say })
  } catch (error) {
    if (!(error instanceof CannotGoOn)) throw error
    console.error(`\n${error.message}`)
    return 1
  }
  const lacks = await installMissing({ yes, say, find: missingForTests, what: 'The tests' })
  if (lacks.length > 0) say(`Not all can be run. ${describeMissing(lacks)}`)
  if (missingForHosts().length === 0) say(`The root file system of the lab's hosts: ${await hostImage()}`)
  const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-reports-'))
  const lower = raiseInotify(say)
  try {
    const results = []
    for (const [project, heading] of suites) {
      title(`${heading} (vitest --project ${project})`)
      results.push(await run(project, { folder, missing: missingForLab() }))
    }
    title(`Done in ${((performance.now() - begin) / 1000).toFixed(0)} s`)
    return printTotals(results, { mustRunAll: inCi })
  } finally {
    lower()
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} project
 * @param {{folder: string, missing: readonly import('../test/lab/requirements.mjs').Missing[]}} options
 * @returns {Promise<import('./test/totals.mjs').SuiteResult>}
 */
async function run(project, { folder, missing }) {
  if (project === 'scenario' && missing.length > 0) {
    const notRun = describeMissing(missing)
    console.log(`   NOT RUN. ${notRun}`)
    return { project, notRun }
  }
  const env = {
    ...process.env,
    ...(full ? { SWARMKEEPER_TEST_FULL: '1' } : {}),
    // Whatever a scenario lacks now is a fault and no reason to skip it.
    ...(missing.length === 0 ? { SWARMKEEPER_LAB: 'required' } : {}),
  }
  const again = project === 'scenario' || project === 'programs'
  return runSuite(project, { report: join(folder, `${project}.json`), env, again })
}
