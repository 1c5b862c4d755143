import type { DoctorFinding } from '../model/engine.ts'
import { JSON_FORMAT } from '../report/json.ts'
import type { Paint } from '../report/paint.ts'
import { printable } from '../report/printable.ts'
import { recognisedWords } from '../report/recognised-words.ts'
import { type AnyCommand, command, formatOption, listOption } from './command.ts'
import { exitOfDoctor, exitOfRebuild } from './exit-codes.ts'
import { type Format, printJson, printLines } from './print.ts'
import { withEngine } from './session.ts'

const rebuildCommand = command<{ readonly format: Format; readonly confirm?: readonly string[] }>({
  usage: 'rebuild',
  summary: 'after loss of the database: what targets and git still tell, and what needs a person',
  options: [listOption('--confirm <guard>', 'settle this disagreement as it was said'), formatOption('text', 'json')],
  examples: ['rebuild'],
  run: (context, _args, { confirm, ...options }) =>
    withEngine(context, options, async ({ engine, ask, paint }) => {
      const report = await engine.rebuild({ ...ask, ...(confirm && { confirm }) })
      const { recognised, holds, pins, suspensions, needsPerson } = report
      if (options.format === 'json') printJson(context, { format: JSON_FORMAT, ...report })
      else
        printLines(context, [
          `${recognisedWords({ resources: recognised, holds, pins, suspensions })}, 0 writes`,
          ...needsPerson.map((line) => paint.careful(`! ${printable(line)}`)),
        ])
      return exitOfRebuild(report)
    }),
})

const SIGNS: Readonly<Record<DoctorFinding['level'], readonly [string, keyof Paint]>> = {
  ok: ['✓', 'good'],
  warning: ['!', 'careful'],
  error: ['✗', 'bad'],
}

const doctorCommand = command<{ readonly format: Format }>({
  usage: 'doctor',
  summary: 'checks settings, repository, every target and its clock, disk and database; says what waits for a person',
  options: [formatOption('text', 'json')],
  examples: ['doctor'],
  run: (context, _args, options) =>
    withEngine(context, { ...options, quiet: true }, async ({ engine, ask, paint }) => {
      const findings = await engine.doctor(ask)
      if (options.format === 'json') printJson(context, { format: JSON_FORMAT, findings })
      else
        printLines(
          context,
          findings.flatMap((finding) => renderFinding(finding, paint)),
        )
      return exitOfDoctor(findings)
    }),
})

function renderFinding({ subject, level, message, todo }: DoctorFinding, paint: Paint): readonly string[] {
  const [sign, look] = SIGNS[level]
  return [
    `${paint[look](sign)} ${subject}: ${printable(message)}`,
    ...(todo === undefined ? [] : [`    ${paint.accent('=>')} ${printable(todo)}`]),
  ]
}

export const upkeepCommands: readonly AnyCommand[] = [rebuildCommand, doctorCommand]
