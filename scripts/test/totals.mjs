// @ts-check

/**
 * @typedef {object} Skipped
 * @property {string} file
 * @property {string} group the outermost `describe`, which names the reason
 */

/**
 * @typedef {{project: string, notRun: string, broken?: boolean} | {project: string, seconds: number, ok: boolean, passed: number,
 *   failed: number, failedFiles: readonly string[], skipped: readonly Skipped[], again?: readonly string[]}} SuiteResult
 */

/**
 * Prints a line per suite, what was skipped, and the total last.
 * @param {readonly SuiteResult[]} results
 * @param {{mustRunAll: boolean}} options
 * @returns {number} the exit code
 */
export function printTotals(results, { mustRunAll }) {
  const ran = results.flatMap((result) => ('notRun' in result ? [] : [result]))
  const notRun = results.flatMap((result) => ('notRun' in result ? [result] : []))
  for (const { project, seconds, ...counts } of ran)
    console.log(`${project.padEnd(9)} ${counted(counts)} in ${seconds.toFixed(0)} s`)
  for (const { project, notRun: why } of notRun) console.log(`${project.padEnd(9)} NOT RUN: ${why}`)
  for (const line of skippedLines(ran.flatMap(({ skipped }) => skipped))) console.log(line)
  for (const file of ran.flatMap(({ again = [] }) => again))
    console.log(`  UNSTEADY: ${file} failed beside the others and passed alone`)
  const total = {
    passed: ran.reduce((sum, { passed }) => sum + passed, 0),
    failed: ran.reduce((sum, { failed }) => sum + failed, 0),
    skipped: ran.flatMap(({ skipped }) => skipped),
  }
  const silent = notRun.length === 0 ? '' : `; NOT RUN: ${notRun.map(({ project }) => project).join(', ')}`
  console.log(`${counted(total)}${silent}`)
  const good = ran.length > 0 && ran.every(({ ok }) => ok) && !notRun.some(({ broken }) => broken)
  return good && (notRun.length === 0 || !mustRunAll) ? 0 : 1
}

/** @param {{passed: number, failed: number, skipped: readonly Skipped[]}} counts */
function counted({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`
}

/** @param {readonly Skipped[]} skipped */
function skippedLines(skipped) {
  const groups = new Map()
  for (const { file, group } of skipped) {
    const name = `${file}: ${group}`
    groups.set(name, (groups.get(name) ?? 0) + 1)
  }
  return [...groups].map(([name, count]) => `  skipped ${count} of ${name}`)
}
