import { Option } from 'commander'
import { renderDriftAsPatch } from '../report/drift-patch.ts'
import { driftJson, explanationJson, planJson, resourceJson } from '../report/json.ts'
import { printable } from '../report/printable.ts'
import { renderDrift } from '../report/render-drift.ts'
import { renderExplanation } from '../report/render-explanation.ts'
import { renderHistory } from '../report/render-history.ts'
import { renderPlanMarkdown } from '../report/render-markdown.ts'
import { renderPlan } from '../report/render-plan.ts'
import { renderResource } from '../report/render-resource.ts'
import { historyJson, slimExplanation } from '../report/wire.ts'
import { type AnyCommand, command, formatOption } from './command.ts'
import { EXIT, exitOfDrift, exitOfPlan } from './exit-codes.ts'
import { count } from './option-values.ts'
import { type Format, printJson, printLines } from './print.ts'
import { withDaemon } from './session.ts'
import { statusCommand } from './status-command.ts'

interface Formatted {
  readonly format: Format
}

const planCommand = command<Formatted & { app?: string; revision?: string; offline?: boolean }>({
  usage: 'plan',
  summary: 'what an apply would do, compared with live; writes nothing',
  options: [
    new Option('--app <app>', 'of this app only'),
    new Option('--revision <revision>', 'of this commit, branch or tag instead of the tracked branch'),
    new Option('--offline', 'compare with the record; ask no target'),
    formatOption('text', 'json', 'markdown'),
  ],
  examples: ['plan', 'plan --app hello --revision feature-x', 'plan --format json'],
  run: (context, _args, { app, revision, offline, ...options }) =>
    withDaemon(context, { ...options, quiet: true }, async ({ engine, ask, paint }) => {
      const which = { ...(app && { app }), ...(revision && { revision }), ...(offline && { offline }) }
      const fleet = await engine.plan({ ...ask, ...which })
      if (options.format === 'json') printJson(context, planJson(fleet))
      else printLines(context, options.format === 'markdown' ? renderPlanMarkdown(fleet) : renderPlan(fleet, paint))
      return exitOfPlan(fleet)
    }),
})

const explainCommand = command<Formatted>({
  usage: 'explain <id>',
  summary: 'why this resource would change or restart, or why it is held',
  options: [formatOption('text', 'json')],
  examples: ['explain Service/hello', 'explain prod/Service/hello'],
  run: (context, [id = ''], options) =>
    withDaemon(context, { ...options, quiet: true }, async ({ engine, ask, paint }) => {
      const explanation = await engine.explain(id, ask)
      if (options.format === 'json') printJson(context, explanationJson(slimExplanation(explanation)))
      else printLines(context, renderExplanation(explanation, paint))
      return EXIT.done
    }),
})

const historyCommand = command<Formatted & { app?: string; limit: number }>({
  usage: 'history',
  summary: 'what was done, newest first',
  options: [
    new Option('--app <app>', 'of this app only'),
    new Option('--limit <count>', 'how many').argParser(count).default(20),
    formatOption('text', 'json'),
  ],
  examples: ['history', 'history --app hello --limit 100'],
  run: (context, _args, { app, limit, ...options }) =>
    withDaemon(context, { ...options, quiet: true }, async ({ engine, ask }) => {
      const entries = await engine.history({ ...ask, limit, ...(app && { app }) })
      if (options.format === 'json') printJson(context, historyJson(entries))
      else printLines(context, renderHistory(entries))
      return EXIT.done
    }),
})

const driftCommand = command<Formatted & { app?: string; asPatch?: boolean }>({
  usage: 'drift',
  summary: 'what differs although nobody declared it',
  options: [
    new Option('--app <app>', 'of this app only'),
    new Option('--as-patch', 'as what to write into the documents, so that it becomes desired'),
    formatOption('text', 'json'),
  ],
  examples: ['drift', 'drift --as-patch'],
  run: (context, _args, { app, asPatch, ...options }) =>
    withDaemon(context, { ...options, quiet: true }, async ({ engine, ask, paint }) => {
      const report = await engine.drift({ ...ask, ...(app && { app }) })
      if (options.format === 'json') printJson(context, driftJson(report))
      else printLines(context, asPatch ? renderDriftAsPatch(report) : renderDrift(report, context.clock.now(), paint))
      return exitOfDrift(report)
    }),
})

const showCommand = command<Formatted>({
  usage: 'show <id>',
  summary: 'one resource: desired, record and live',
  options: [formatOption('text', 'json')],
  examples: ['show Service/hello'],
  run: (context, [id = ''], options) =>
    withDaemon(context, { ...options, quiet: true }, async ({ engine, ask, paint }) => {
      const view = await engine.show(id, ask)
      if (options.format === 'json') printJson(context, resourceJson(view))
      else printLines(context, renderResource(view, context.clock.now(), paint))
      return EXIT.done
    }),
})

const logsCommand = command<{ lines: number }>({
  usage: 'logs <id>',
  summary: 'the last lines that a resource logged',
  options: [new Option('-n, --lines <count>', 'how many').argParser(count).default(100)],
  examples: ['logs Service/hello', 'logs Service/hello -n 20'],
  run: (context, [id = ''], { lines, ...options }) =>
    withDaemon(context, { ...options, quiet: true }, async ({ engine, ask }) => {
      const logged = await engine.logs(id, { ...ask, lines })
      printLines(context, logged.map(printable))
      return EXIT.done
    }),
})

export const inspectCommands: readonly AnyCommand[] = [
  planCommand,
  explainCommand,
  statusCommand,
  historyCommand,
  driftCommand,
  showCommand,
  logsCommand,
]
