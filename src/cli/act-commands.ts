import { Option } from 'commander'
import type { AskOptions, DecisionOptions, Engine } from '../model/engine.ts'
import type { FleetOutcome } from '../model/outcome.ts'
import { announceRest } from './announce-rest.ts'
import { type AnyCommand, command, formatOption, listOption } from './command.ts'
import type { CliContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { durationOf } from './option-values.ts'
import { type Format, type GlobalOptions, printLines } from './print.ts'
import { printOutcome } from './print-outcome.ts'
import { type Session, withDaemon, withEngine } from './session.ts'

interface Outcome {
  readonly format: Format
  readonly reason?: string
}

const outcomeFormat = (): Option => formatOption('text', 'json', 'markdown')
const reasonOption = (): Option => new Option('--reason <text>', 'why, for the history')

/** Asks for something to be done, and says what became of it. */
const actBy =
  (open: typeof withEngine) =>
  (
    context: CliContext,
    options: GlobalOptions & { readonly format: Format },
    body: (session: Session) => Promise<FleetOutcome>,
  ): Promise<number> =>
    open(context, options, async (session) => printOutcome(context, await body(session), { ...options, ...session }))

const act = actBy(withDaemon)

interface ApplyFlags extends Outcome {
  readonly app?: string
  readonly revision?: string
  readonly from?: string
  readonly confirm?: readonly string[]
  readonly retry?: boolean
  readonly adopt?: readonly string[]
}

const applyCommand = command<ApplyFlags>({
  usage: 'apply',
  summary: 'brings everything to what the repository declares, once, behind proof',
  options: [
    new Option('--app <app>', 'this app only'),
    new Option('--revision <revision>', 'this commit, branch or tag instead of the tracked branch'),
    new Option('--from <dir>', 'break-glass: apply this folder; its apps stay pinned to it').conflicts('revision'),
    listOption('--confirm <guard>', 'go past this guard, as the plan names it'),
    new Option('--retry', 'try again what is held back or stalled'),
    listOption('--adopt <id>', 'take over this resource, which exists and is not ours'),
    outcomeFormat(),
  ],
  examples: ['apply', 'apply --app hello --retry', 'apply --confirm prune:hello:12ab34cd'],
  run: (context, _args, { app, revision, from, confirm, retry, adopt, ...options }) =>
    actBy(withEngine)(context, options, ({ engine, ask }) =>
      engine.apply({
        ...ask,
        ...(confirm && { confirm }),
        ...(adopt && { adopt }),
        ...(app && { app }),
        ...(revision && { revision }),
        ...(from && { from }),
        ...(retry && { retry }),
      }),
    ),
})

/** A decision about an app. */
function decision(
  of: Pick<AnyCommand, 'usage' | 'summary' | 'examples'>,
  decide: (engine: Engine, ask: DecisionOptions) => Promise<FleetOutcome>,
  decided?: (app: string) => string,
): AnyCommand {
  return command<Outcome>({
    ...of,
    options: [reasonOption(), outcomeFormat()],
    run: (context, [app = ''], { reason, ...options }) =>
      act(context, options, async ({ engine, ask }) => {
        const outcome = await decide(engine, { ...ask, app, ...(reason && { reason }) })
        // What was decided stands, also where the apply that follows has to wait.
        if (decided) context.err.write(`${decided(app)}\n`)
        return outcome
      }),
  })
}

const rollbackCommand = command<Outcome & { readonly to?: string }>({
  usage: 'rollback <app>',
  summary: 'puts an app back to a good revision and pins it there, until unpinned',
  options: [
    new Option('--to <revision>', 'this revision; otherwise the last good one before what runs'),
    reasonOption(),
    outcomeFormat(),
  ],
  examples: ['rollback hello --reason "checkout is broken"', 'rollback hello --to 1a2b3c4d5e6f'],
  run: (context, [app = ''], { to, reason, ...options }) =>
    act(context, options, ({ engine, ask }) =>
      engine.rollback({ ...ask, app, ...(to && { to }), ...(reason && { reason }) }),
    ),
})

const suspendCommand = command<Outcome & { readonly for: number; readonly reason: string }>({
  usage: 'suspend <app>',
  summary: 'stops all that an app runs for a time; then it runs again by itself',
  options: [
    new Option('--for <time>', 'how long, for example 1h').argParser(durationOf).makeOptionMandatory(),
    new Option('--reason <text>', 'why, for those who find it at rest').makeOptionMandatory(),
    outcomeFormat(),
  ],
  examples: ['suspend hello --for 1h --reason "moving the database"'],
  run: (context, [app = ''], { for: forMs, reason, ...options }) =>
    act(context, options, async (session) => {
      if (options.format !== 'json') await announceRest(context, session, { app, forMs })
      return session.engine.suspend({ ...session.ask, app, forMs, reason })
    }),
})

/** A decision about one resource. */
function restartLike(
  of: Pick<AnyCommand, 'usage' | 'summary' | 'examples'>,
  ask: (engine: Engine, id: string, options: AskOptions & { readonly reason?: string }) => Promise<FleetOutcome>,
): AnyCommand {
  return command<Outcome>({
    ...of,
    options: [reasonOption(), outcomeFormat()],
    run: (context, [id = ''], { reason, ...options }) =>
      act(context, options, (session) => ask(session.engine, id, { ...session.ask, ...(reason && { reason }) })),
  })
}

const freezeCommand = command<{ readonly reason?: string }>({
  usage: 'freeze',
  summary: 'nothing is written anywhere until unfreeze',
  options: [reasonOption()],
  examples: ['freeze --reason "the data centre moves tonight"'],
  run: (context, _args, { reason, ...options }) =>
    withDaemon(context, options, async ({ engine, ask }) => {
      await engine.freeze({ ...ask, ...(reason && { reason }) })
      printLines(context, ['frozen: plans are still made, nothing is applied until `swarmkeeper unfreeze`'])
      return EXIT.done
    }),
})

const unfreezeCommand = command({
  usage: 'unfreeze',
  summary: 'ends a freeze; the next apply goes on',
  examples: ['unfreeze'],
  run: (context, _args, options) =>
    withDaemon(context, options, async ({ engine, ask }) => {
      await engine.unfreeze(ask)
      printLines(context, ['no longer frozen; `swarmkeeper plan` shows what has gathered'])
      return EXIT.done
    }),
})

const forgetCommand = command({
  usage: 'forget <target>',
  summary: 'lets go of all that is ours on a target that is not declared any more',
  examples: ['forget app-3'],
  run: (context, [target = ''], options) =>
    withDaemon(context, options, async ({ engine, ask }) => {
      const ids = await engine.forget(target, ask)
      printLines(context, [...ids.map((id) => `  ${id}`), 'forgotten: these stay as they are, and are nobody’s'])
      return EXIT.done
    }),
})

export const actCommands: readonly AnyCommand[] = [
  applyCommand,
  rollbackCommand,
  decision(
    { usage: 'unpin <app>', summary: 'lets a pinned app follow the tracked branch again', examples: ['unpin hello'] },
    (engine, ask) => engine.unpin(ask),
    (app) => `${app} is not pinned any more: it follows the tracked branch`,
  ),
  suspendCommand,
  decision(
    {
      usage: 'resume <app>',
      summary: 'ends a suspension before its time, and what a budget stopped',
      examples: ['resume hello'],
    },
    (engine, ask) => engine.resume(ask),
  ),
  decision(
    { usage: 'retry <app>', summary: 'tries again what is held back or stalled', examples: ['retry hello'] },
    (engine, ask) => engine.retry(ask),
  ),
  freezeCommand,
  unfreezeCommand,
  forgetCommand,
  restartLike(
    {
      usage: 'restart <id>',
      summary: 'restarts a service, task by task, behind proof',
      examples: ['restart Service/hello'],
    },
    (engine, id, ask) => engine.restart(id, ask),
  ),
  restartLike(
    {
      usage: 'run-job <id>',
      summary: 'runs a job, or an agent with a schedule, once more',
      examples: ['run-job Job/migrate', 'run-job Agent/morning-digest'],
    },
    (engine, id, ask) => engine.runJob(id, ask),
  ),
]
