import { groupBy } from '../lib/group-by.ts'
import { formatProblem, type Problem } from '../model/problem.ts'
import type { Paint } from './paint.ts'
import { plural, printable } from './printable.ts'

/** One line each, as `file:line:column pointer: message`. */
export function renderProblems(problems: readonly Problem[], paint: Paint): readonly string[] {
  return problems.map((problem) => {
    const line = printable(formatProblem(problem))
    return problem.severity === 'error' ? paint.bad(line) : paint.careful(line)
  })
}

/** For a report of what was done: a warning is no news of a run. `validate`, `plan` and pull requests tell it. */
export const errorsOf = (problems: readonly Problem[]): readonly Problem[] =>
  problems.filter(({ severity }) => severity === 'error')

/** For a plan of some apps: of the others only errors, and a warning that stands in several places once. */
export function toldOnce(problems: readonly Problem[], apps: readonly { readonly app: string }[]): readonly Problem[] {
  const shown = new Set(apps.map(({ app }) => app))
  const mine = problems.filter(({ severity, app }) => severity === 'error' || app === undefined || shown.has(app))
  const alike = groupBy(mine, (problem) => (problem.severity === 'error' ? problem : problem.message))
  return [...alike.values()].flatMap(([first, ...more]) => {
    if (!first) return []
    const places = more.map(({ position: { path, line } }) => `${path}:${line}`)
    return places.length === 0 ? [first] : [{ ...first, message: `${first.message} (also ${places.join(', ')})` }]
  })
}

export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length
  const warnings = problems.length - errors
  const parts = [errors > 0 ? plural(errors, 'error') : '', warnings > 0 ? plural(warnings, 'warning') : '']
  return parts.filter((part) => part !== '').join(', ') || 'no problems'
}

/** Workflow commands of GitHub Actions, which it shows beside the line. */
export function renderGithubAnnotations(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ severity, position, pointer, message }) => {
    const { path, line, column } = position
    const place = `file=${property(path)},line=${line},col=${column}`
    const title = pointer === '' ? '' : `,title=${property(pointer)}`
    return `::${severity} ${place}${title}::${commandText(message)}`
  })
}

const commandText = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => commandText(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** SARIF 2.1.0, for code scanning. */
export function sarifOf(problems: readonly Problem[], version: string): unknown {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'swarmkeeper', version, rules: [{ id: 'desired-state' }] } },
        columnKind: 'utf16CodeUnits',
        results: problems.map(({ severity, position, pointer, message }) => ({
          ruleId: 'desired-state',
          level: severity,
          message: { text: pointer === '' ? message : `${pointer}: ${message}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: position.path.split('/').map(encodeURIComponent).join('/') },
                region: { startLine: position.line, startColumn: position.column },
              },
            },
          ],
        })),
      },
    ],
  }
}
