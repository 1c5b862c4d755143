import { Command, CommanderError } from 'commander'
import { INTERRUPTED } from '../model/todo.ts'
import { actCommands } from './act-commands.ts'
import { type AnyCommand, addCommand } from './command.ts'
import type { CliContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { importCommand } from './import-command.ts'
import { inspectCommands } from './inspect-commands.ts'
import { localCommands } from './local-commands.ts'
import { type GlobalOptions, paintFor } from './print.ts'
import { renderError } from './print-error.ts'
import { reconcileCommand } from './reconcile-command.ts'
import { runCommand } from './run-command.ts'
import { tokenCommand } from './token-command.ts'
import { upkeepCommands } from './upkeep-commands.ts'

export const COMMANDS: readonly AnyCommand[] = [
  ...localCommands,
  ...inspectCommands,
  ...actCommands,
  reconcileCommand,
  tokenCommand,
  importCommand,
  runCommand,
  ...upkeepCommands,
]

/** Runs one command line and gives its exit code. Errors are printed; none is thrown. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  let code: number = EXIT.done
  const program = createProgram(context)
  for (const spec of COMMANDS) {
    addCommand(program, spec, async (chosen, command) => {
      code = await chosen.run(context, command.processedArgs as readonly string[], command.optsWithGlobals())
    })
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.error
    return failed(error, context, program.opts<GlobalOptions>())
  }
}

function failed(error: unknown, { err, signal }: CliContext, options: GlobalOptions): number {
  const paint = paintFor(err, options)
  const lines =
    signal.aborted && error === signal.reason
      ? [paint.careful(`interrupted: ${INTERRUPTED}`)]
      : renderError(error, paint)
  err.write(`${lines.join('\n')}\n`)
  return EXIT.error
}

function createProgram({ version, out, err }: CliContext): Command {
  const program = new Command('swarmkeeper')
  return program
    .description(
      'Keeps Docker Swarms, and hosts with systemd or supervisord, in the state that a git repository declares.',
    )
    .version(version, '-V, --version', 'the version')
    .option('-c, --config <file>', "the operator's settings (SWARMKEEPER_CONFIG, or swarmkeeper.config.yaml)")
    .option('--remote <url>', 'ask the daemon there: http(s)://host:port or unix:/path (SWARMKEEPER_CLIENT_URL)')
    .option('--local', 'work on this machine, though the settings name a daemon')
    .option('--no-color', 'plain text on terminals, too')
    .addHelpText('after', HELP_TAIL)
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what can be said)')
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      getOutHasColors: () => out.colours,
      getErrHasColors: () => err.colours,
    })
    .exitOverride()
}

const HELP_TAIL = `
Exit codes:
  0  done, nothing to do     1  an error
  2  plan, drift: changes    3  rolled back, or waiting for a person
  4  something is unknown

Example:
  $ swarmkeeper init fleet && cd fleet && swarmkeeper validate`
