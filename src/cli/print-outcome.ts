import type { FleetOutcome } from '../model/outcome.ts'
import { outcomeJson } from '../report/json.ts'
import type { Paint } from '../report/paint.ts'
import { renderOutcomeMarkdown } from '../report/render-markdown.ts'
import { renderOutcome } from '../report/render-outcome.ts'
import type { CliContext } from './context.ts'
import { exitOfOutcome } from './exit-codes.ts'
import { type Format, printJson, printLines } from './print.ts'

/** What became of it, and the exit code that says so. */
export function printOutcome(
  context: CliContext,
  fleet: FleetOutcome,
  { format, paint }: { readonly format: Format; readonly paint: Paint },
): number {
  if (format === 'json') printJson(context, outcomeJson(fleet))
  else if (format === 'markdown') printLines(context, renderOutcomeMarkdown(fleet))
  else printLines(context, renderOutcome(fleet, paint))
  return exitOfOutcome(fleet)
}
