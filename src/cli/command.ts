import { type Command, Option } from 'commander'
import type { CliContext } from './context.ts'
import type { Format, GlobalOptions } from './print.ts'

/** Gives the exit code. */
type Run<O> = (context: CliContext, args: readonly string[], options: O & GlobalOptions) => Promise<number>

export interface CommandSpec<O> {
  /** `rollback <app>` */
  readonly usage: string
  readonly summary: string
  readonly options?: readonly Option[]
  /** Lines that one can type. */
  readonly examples: readonly string[]
  readonly run: Run<O>
}

/** A command as data: the program adds what all of them have. */
export interface AnyCommand {
  readonly usage: string
  readonly summary: string
  readonly options: readonly Option[]
  readonly examples: readonly string[]
  run(context: CliContext, args: readonly string[], options: unknown): Promise<number>
}

/** Options are what commander made of `spec.options`, so their type is for the spec to know. */
export function command<O = unknown>(spec: CommandSpec<O>): AnyCommand {
  const { usage, summary, options = [], examples } = spec
  return {
    usage,
    summary,
    options,
    examples,
    run: (context, args, given) => spec.run(context, args, given as O & GlobalOptions),
  }
}

export const formatOption = (...formats: readonly [Format, ...Format[]]): Option =>
  new Option('--format <format>', 'form of the output').choices(formats).default(formats[0])

/** An option that may be given several times; undefined where it is not given at all. */
export function listOption(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  )
}

export function addCommand(
  program: Command,
  spec: AnyCommand,
  run: (spec: AnyCommand, command: Command) => Promise<void>,
): void {
  const made = program.command(spec.usage).summary(spec.summary).description(spec.summary)
  for (const option of spec.options) made.addOption(option)
  made.addHelpText(
    'after',
    `\n${spec.examples.length > 1 ? 'Examples' : 'Example'}:\n${spec.examples.map((line) => `  $ swarmkeeper ${line}`).join('\n')}`,
  )
  made.action(async () => run(spec, made))
}
