import { Option } from 'commander'
import { messageOf } from '../model/error.ts'
import type { FleetStatus } from '../model/outcome.ts'
import { printable } from '../report/printable.ts'
import { renderStatus } from '../report/render-status.ts'
import { statusChanges } from '../report/status-changes.ts'
import { statusJson } from '../report/wire.ts'
import { type AnyCommand, command, formatOption } from './command.ts'
import type { CliContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { durationOf } from './option-values.ts'
import { type Format, printJson, printLines } from './print.ts'
import { type Session, withDaemon } from './session.ts'

interface Flags {
  readonly format: Format
  readonly watch?: number
}

export const statusCommand: AnyCommand = command<Flags>({
  usage: 'status',
  summary: 'what is so: health, revision and holds of every app',
  options: [
    new Option('--watch [interval]', 'again and again; in a pipe a line for each change')
      .argParser(durationOf)
      .preset(2000),
    formatOption('text', 'json'),
  ],
  examples: ['status', 'status --watch 5s', 'status --format json', 'status --remote http://127.0.0.1:8470'],
  run: (context, _args, options) =>
    withDaemon(context, { ...options, quiet: true }, async (session) => {
      const show = createShow(context, session, options)
      show(await session.engine.status(session.ask))
      if (options.watch !== undefined) await watch(context, session, { everyMs: options.watch, show })
      return EXIT.done
    }),
})

const CLEAR_SCREEN = '\u001b[2J\u001b[H'

type Show = (status: FleetStatus) => void

/** A terminal is drawn anew; a pipe gets everything once, then what changes. */
function createShow(context: CliContext, { paint }: Session, { format, watch: every }: Flags): Show {
  const { out, clock } = context
  let before: FleetStatus | undefined
  return (status) => {
    const [old, now] = [before, clock.now()]
    before = status
    if (format === 'json') {
      if (old === undefined || !isSame(old, status)) printJson(context, statusJson(status))
    } else if (old === undefined || out.isTerminal) {
      if (every !== undefined && out.isTerminal) out.write(CLEAR_SCREEN)
      printLines(context, renderStatus(status, now, paint))
    } else {
      const at = now.toISOString().replace(/\.\d+Z$/, 'Z')
      printLines(
        context,
        statusChanges(old, status).map((line) => `${at} ${line}`),
      )
    }
  }
}

/** A newer look that finds the same is no news. */
const isSame = ({ at: _a, ...a }: FleetStatus, { at: _b, ...b }: FleetStatus): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

/** Until interrupted. What cannot be asked now is told once, and asked again. */
async function watch(
  context: CliContext,
  { engine, ask }: Session,
  { everyMs, show }: { readonly everyMs: number; readonly show: Show },
): Promise<void> {
  let failure = ''
  while (await slept(context, everyMs)) {
    try {
      show(await engine.status(ask))
      failure = ''
    } catch (error) {
      if (context.signal.aborted) return
      if (failure !== messageOf(error)) context.err.write(`! ${printable(messageOf(error))}\n`)
      failure = messageOf(error)
    }
  }
}

const slept = ({ clock, signal }: CliContext, ms: number): Promise<boolean> =>
  clock.sleep(ms, { signal }).then(
    () => true,
    () => false,
  )
