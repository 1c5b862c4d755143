// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { root } from '../prepare.mjs'

/** More than these that fail side by side are no accident of a busy machine. */
const FEW = 5

/**
 * Runs one vitest project, its output shown, and reads what vitest reports of it. Real systems share a small machine with
 * each other: the few files of theirs that failed are run once more, alone, and the totals say so.
 * @param {string} project
 * @param {{report: string, env: NodeJS.ProcessEnv, again: boolean}} options `report`: a path for vitest's JSON
 * @returns {Promise<import('./totals.mjs').SuiteResult>}
 */
export async function runSuite(project, { report, env, again }) {
  const first = await runVitest(project, { report, env, words: [] })
  if ('notRun' in first || first.ok || !again) return first
  const files = first.failedFiles
  if (files.length === 0 || files.length > FEW) return first
  console.log(`\n== Once more, alone: ${files.join(', ')}`)
  const second = await runVitest(project, { report: `${report}.again`, env, words: ['--maxWorkers=1', ...files] })
  if ('notRun' in second || !second.ok) return first
  return {
    ...first,
    ok: true,
    seconds: first.seconds + second.seconds,
    passed: first.passed + first.failed,
    failed: 0,
    again: files,
  }
}

/**
 * @param {string} project
 * @param {{report: string, env: NodeJS.ProcessEnv, words: readonly string[]}} options
 * @returns {Promise<import('./totals.mjs').SuiteResult>}
 */
async function runVitest(project, { report, env, words }) {
  const begin = performance.now()
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...words]
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const child = spawn(process.execPath, [...vitest, ...reporters], { cwd: root, stdio: 'inherit', env })
  const [code] = await once(child, 'close')
  const seconds = (performance.now() - begin) / 1000
  if (!existsSync(report)) return { project, notRun: `vitest ended with ${code} and without a report`, broken: true }
  return { project, seconds, ...readReport(report), ok: code === 0 }
}

/** @param {string} path */
function readReport(path) {
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'))
  const files = /** @type {any[]} */ (testResults)
  const tests = files.flatMap((file) =>
    file.assertionResults.map((/** @type {any} */ test) => ({ ...test, file: file.name })),
  )
  const of = (/** @type {readonly string[]} */ ...states) => tests.filter((test) => states.includes(test.status))
  // A file that cannot be loaded has no tests of its own, nor one that finds nothing to work on.
  const empty = files.filter((file) => file.assertionResults.length === 0)
  const broken = empty.filter((file) => file.status === 'failed')
  const idle = empty.filter((file) => file.status !== 'failed')
  return {
    passed: of('passed').length,
    failed: of('failed').length + broken.length,
    failedFiles: files.filter((file) => file.status === 'failed').map((file) => relative(root, file.name)),
    skipped: [
      ...of('skipped', 'pending', 'todo', 'disabled').map((test) => ({
        file: relative(root, test.file),
        group: test.ancestorTitles[0] ?? test.title,
      })),
      ...idle.map((file) => ({
        file: relative(root, file.name),
        group: 'the whole file, which found nothing to work on',
      })),
    ],
  }
}
