import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Option } from 'commander'
import type { Desired } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import type { Problem } from '../model/problem.ts'
import { JSON_FORMAT } from '../report/json.ts'
import { plural } from '../report/printable.ts'
import { renderDesired, type WhereWritten } from '../report/render-desired.ts'
import { countProblems, renderGithubAnnotations, renderProblems, sarifOf } from '../report/render-problems.ts'
import { type AnyCommand, command, formatOption } from './command.ts'
import type { CliContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { initCommand } from './init-command.ts'
import { type Format, type GlobalOptions, paintFor, printJson, printLines } from './print.ts'
import { promtoolProblems } from './promtool-problems.ts'
import { type Place, readPlace } from './read-place.ts'
import { withEngine } from './session.ts'
import { whereWrittenIn } from './where-written.ts'

const hasErrors = (problems: readonly Problem[]): boolean => problems.some((problem) => problem.severity === 'error')

const validateCommand = command<{ readonly format: Format }>({
  usage: 'validate [path]',
  summary: 'checks a config repository offline: all problems at once',
  options: [formatOption('text', 'json', 'github', 'sarif')],
  examples: ['validate', 'validate envs/prod', 'validate --format github'],
  run: async (context, [path = '.'], options) => {
    const directory = resolve(context.cwd, path)
    const { snapshot, base } = await readPlace(directory, context)
    const desired = await context.renderOffline(snapshot)
    const said = [...desired.problems, ...(await saidByPromtool(context, { snapshot, base }, desired.problems))]
    const problems = said.map((problem) => seenFrom(context.cwd, base, problem))
    printProblems(context, { desired, problems }, options)
    return hasErrors(problems) ? EXIT.error : EXIT.done
  },
})

async function saidByPromtool(
  { promtool, signal }: CliContext,
  { snapshot, base }: Place,
  known: readonly Problem[],
): Promise<readonly Problem[]> {
  return promtool ? promtoolProblems(snapshot, known, { promtool, base, signal }) : []
}

/** Paths as one can open them from here. */
function seenFrom(cwd: string, directory: string, problem: Problem): Problem {
  const path = relative(cwd, join(directory, problem.position.path))
  return { ...problem, position: { ...problem.position, path } }
}

function printProblems(
  context: CliContext,
  { desired, problems }: { readonly desired: Desired; readonly problems: readonly Problem[] },
  options: GlobalOptions & { readonly format: Format },
): void {
  switch (options.format) {
    case 'json':
      printJson(context, { format: JSON_FORMAT, problems })
      break
    case 'sarif':
      printJson(context, sarifOf(problems, context.version))
      break
    case 'github':
      printLines(context, renderGithubAnnotations(problems))
      break
    default:
      printLines(context, [
        ...renderProblems(problems, paintFor(context.out, options)),
        `${sizeOf(desired)}: ${countProblems(problems)}`,
      ])
  }
}

function sizeOf({ apps }: Desired): string {
  const resources = [...apps.values()].reduce((sum, app) => sum + app.wanted.length, 0)
  return `${plural(apps.size, 'app')}, ${plural(resources, 'resource')}`
}

const renderCommand = command<{ readonly format: Format; readonly path?: string; readonly revision?: string }>({
  usage: 'render [app]',
  summary: 'desired resources after expansion, with where each value came from',
  options: [
    new Option('--path <dir>', 'of this folder instead of the configured repository'),
    new Option('--revision <revision>', 'of this commit, branch or tag').conflicts('path'),
    formatOption('text', 'json'),
  ],
  examples: ['render', 'render hello --path .'],
  run: async (context, [app], { path, revision, ...options }) => {
    const here = path === undefined && revision === undefined && existsSync(join(context.cwd, 'swarmkeeper.yaml'))
    if (path === undefined && !here) return renderConfigured(context, { app, revision }, options)
    const { snapshot } = await readPlace(resolve(context.cwd, path ?? '.'), context)
    const desired = await context.renderOffline(snapshot)
    const where = whereOf(desired, await whereWrittenIn(snapshot))
    return print(context, { desired, app, where }, options)
  },
})

/** What came out of a stack stands in its compose files, not in its document. */
const whereOf =
  (desired: Desired, inDocuments: WhereWritten): WhereWritten =>
  (wanted, field) => {
    const position = desired.where?.(wanted.id, field)
    return position ? `${position.path}:${position.line}` : inDocuments(wanted, field)
  }

function renderConfigured(
  context: CliContext,
  { app, revision }: { readonly app: string | undefined; readonly revision: string | undefined },
  options: GlobalOptions & { readonly format: Format },
): Promise<number> {
  return withEngine(context, { ...options, quiet: true }, async ({ engine, ask }) => {
    const desired = await engine.desired({ ...ask, ...(revision && { revision }) })
    return print(context, { desired, app, where: undefined }, options)
  })
}

function print(
  context: CliContext,
  of: {
    readonly desired: Desired
    readonly app: string | undefined
    readonly where: WhereWritten | undefined
  },
  options: GlobalOptions & { readonly format: Format },
): number {
  const { desired, app } = of
  if (app !== undefined && !desired.apps.has(app)) throw noSuchApp(app, desired)
  const which = { where: of.where, ...(app === undefined ? {} : { app }) }
  if (options.format === 'json') {
    const apps = [...desired.apps.values()].filter((one) => app === undefined || one.app === app)
    printJson(context, { format: JSON_FORMAT, apps, problems: desired.problems })
  } else {
    const paint = paintFor(context.out, options)
    printLines(context, [...renderProblems(desired.problems, paint), ...renderDesired(desired, which, paint)])
  }
  return hasErrors(desired.problems) ? EXIT.error : EXIT.done
}

const noSuchApp = (app: string, desired: Desired): ReconcileError =>
  new ReconcileError('NotFound', {
    message: `no app '${app}'`,
    todo:
      desired.apps.size === 0
        ? 'put its documents into apps/<app>/'
        : `there are: ${[...desired.apps.keys()].join(', ')}`,
  })

export const localCommands: readonly AnyCommand[] = [initCommand, validateCommand, renderCommand]
